import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamCommand,
  MergeShardsCommand,
  PutRecordsCommand,
  SplitShardCommand,
  type StreamDescription,
} from '@aws-sdk/client-kinesis';
import type { StageTools } from './sources.ts';

export interface Stream {
  readonly name: string;
  readonly arn: string;
  /** Puts the texts in this order under one partition key; answers their sequence numbers. */
  put(texts: readonly string[], partitionKey?: string): Promise<string[]>;
  describe(): Promise<StreamDescription>;
  /** Splits the shard in the middle of its hash keys. */
  split(shardId: string): Promise<void>;
  merge(shardId: string, adjacentShardId: string): Promise<void>;
}

/** An element of `Records` as a function gets it from Kinesis. */
export interface KinesisEvent {
  readonly Records: readonly {
    readonly kinesis: {
      readonly kinesisSchemaVersion: string;
      readonly partitionKey: string;
      readonly sequenceNumber: string;
      readonly data: string;
      readonly approximateArrivalTimestamp: number;
    };
    readonly eventID: string;
    readonly eventName: string;
    readonly eventSource: string;
    readonly eventSourceARN: string;
  }[];
}

/** The texts of the event's records. */
export const textsOf = (event: KinesisEvent): string[] =>
  event.Records.map(({ kinesis }) => Buffer.from(kinesis.data, 'base64').toString('utf8'));

export function openStreams({ clients, name, eventually, atEnd }: StageTools) {
  const { kinesis } = clients;

  return {
    /** A Kinesis stream that is active. */
    async stream(ShardCount = 1): Promise<Stream> {
      const StreamName = name('stream');
      await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount }));
      atEnd(() =>
        kinesis.send(new DeleteStreamCommand({ StreamName, EnforceConsumerDeletion: true })),
      );
      const describe = async () => {
        const answer = await kinesis.send(new DescribeStreamCommand({ StreamName }));
        if (!answer.StreamDescription) throw new Error(`${StreamName} has no description`);
        return answer.StreamDescription;
      };
      const active = () =>
        eventually('the stream is active', async () => {
          const description = await describe();
          return description.StreamStatus === 'ACTIVE' ? description : undefined;
        });
      const { StreamARN = '' } = await active();
      return {
        name: StreamName,
        arn: StreamARN,
        describe,
        async put(texts, PartitionKey = 'key') {
          const Records = texts.map((text) => ({ PartitionKey, Data: Buffer.from(text) }));
          const answer = await kinesis.send(new PutRecordsCommand({ StreamName, Records }));
          if (answer.FailedRecordCount) throw new Error('a record was refused');
          return (answer.Records ?? []).map(({ SequenceNumber = '' }) => SequenceNumber);
        },
        async split(ShardToSplit) {
          const { Shards = [] } = await describe();
          const range = Shards.find(({ ShardId }) => ShardId === ShardToSplit)?.HashKeyRange;
          const [low, high] = [range?.StartingHashKey, range?.EndingHashKey].map(hashKey);
          const NewStartingHashKey = String(((low ?? 0n) + (high ?? 0n)) / 2n);
          await kinesis.send(
            new SplitShardCommand({ StreamName, ShardToSplit, NewStartingHashKey }),
          );
          await active();
        },
        async merge(ShardToMerge, AdjacentShardToMerge) {
          await kinesis.send(
            new MergeShardsCommand({ StreamName, ShardToMerge, AdjacentShardToMerge }),
          );
          await active();
        },
      };
    },
  };
}

const hashKey = (text: string | undefined) => BigInt(text ?? 0);
