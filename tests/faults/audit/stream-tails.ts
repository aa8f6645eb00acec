import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import {
  type _Record as ChangeRecord,
  DescribeStreamCommand,
  GetShardIteratorCommand as GetChangeIteratorCommand,
  GetRecordsCommand as GetChangesCommand,
} from '@aws-sdk/client-dynamodb-streams';
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListShardsCommand,
  type _Record as StreamRecord,
} from '@aws-sdk/client-kinesis';
import type { Clients } from '../workload/clients.ts';

/** Reads what came to a stream since it was read last, past the cloud's own triggers. */
export interface StreamTail<R> {
  /** Records by shard, in their order. */
  read(): Promise<ReadonlyMap<string, readonly R[]>>;
  /** The last sequence number that was read of each shard that has records. */
  readonly ends: ReadonlyMap<string, string>;
}

interface Page<R> {
  readonly records: readonly R[];
  readonly next: string | undefined;
}

interface ShardAccess<R> {
  shards(): Promise<readonly string[]>;
  iterator(shardId: string, after: string | undefined): Promise<string | undefined>;
  page(iterator: string): Promise<Page<R>>;
  sequenceOf(record: R): string;
}

function createTail<R>(access: ShardAccess<R>): StreamTail<R> {
  const ends = new Map<string, string>();
  const iterators = new Map<string, string | undefined>();

  async function readShard(shardId: string): Promise<R[]> {
    const found: R[] = [];
    let iterator = iterators.get(shardId) ?? (await access.iterator(shardId, ends.get(shardId)));
    // Forgotten first: after a failure the next reading asks for one at the last known place.
    iterators.delete(shardId);
    while (iterator !== undefined) {
      const { records, next } = await access.page(iterator);
      found.push(...records);
      const last = records.at(-1);
      iterator = next;
      if (!last) break;
      ends.set(shardId, access.sequenceOf(last));
    }
    iterators.set(shardId, iterator);
    return found;
  }

  // The streams of these services are neither split nor merged.
  const shards = access.shards();
  return {
    ends,
    async read() {
      const pages = (await shards).map(async (shard) => [shard, await readShard(shard)] as const);
      return new Map(await Promise.all(pages));
    },
  };
}

export function kinesisTail({ kinesis }: Clients, StreamName: string): StreamTail<StreamRecord> {
  return createTail<StreamRecord>({
    async shards() {
      const { Shards = [] } = await kinesis.send(new ListShardsCommand({ StreamName }));
      return Shards.map(({ ShardId = '' }) => ShardId);
    },
    async iterator(ShardId, after) {
      const from =
        after === undefined
          ? ({ ShardIteratorType: 'TRIM_HORIZON' } as const)
          : ({
              ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
              StartingSequenceNumber: after,
            } as const);
      const place = { StreamName, ShardId, ...from };
      return (await kinesis.send(new GetShardIteratorCommand(place))).ShardIterator;
    },
    async page(ShardIterator) {
      const answer = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
      return { records: answer.Records ?? [], next: answer.NextShardIterator };
    },
    sequenceOf: ({ SequenceNumber = '' }) => SequenceNumber,
  });
}

export function changesTail(
  { dynamo, dynamoStreams }: Clients,
  TableName: string,
): StreamTail<ChangeRecord> {
  const arn = (async () => {
    const { Table } = await dynamo.send(new DescribeTableCommand({ TableName }));
    if (!Table?.LatestStreamArn) throw new Error(`The table ${TableName} has no stream.`);
    return Table.LatestStreamArn;
  })();
  return createTail<ChangeRecord>({
    async shards() {
      const place = { StreamArn: await arn };
      const { StreamDescription } = await dynamoStreams.send(new DescribeStreamCommand(place));
      return (StreamDescription?.Shards ?? []).map(({ ShardId = '' }) => ShardId);
    },
    async iterator(ShardId, after) {
      const from =
        after === undefined
          ? ({ ShardIteratorType: 'TRIM_HORIZON' } as const)
          : ({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: after } as const);
      const place = { StreamArn: await arn, ShardId, ...from };
      return (await dynamoStreams.send(new GetChangeIteratorCommand(place))).ShardIterator;
    },
    async page(ShardIterator) {
      const answer = await dynamoStreams.send(new GetChangesCommand({ ShardIterator }));
      return { records: answer.Records ?? [], next: answer.NextShardIterator };
    },
    sequenceOf: ({ dynamodb }) => dynamodb?.SequenceNumber ?? '',
  });
}
