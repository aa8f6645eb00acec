import {
  type _Record,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
  type Shard,
} from '@aws-sdk/client-kinesis';
import { parseArn, sourceName } from '../arn.ts';
import { isNotFound } from '../aws-clients.ts';
import { openIteratorReader } from './iterator-reader.ts';
import {
  type ShardDescription,
  type ShardPosition,
  type ShardSource,
  type StreamRecord,
  streamRecord,
} from './shard-source.ts';

/** https://docs.aws.amazon.com/streams/latest/dev/kinesis-extended-retention.html */
const DEFAULT_RETENTION_HOURS = 24;

const POLL_INTERVAL_MS = 1_000;

/** A Kinesis data stream, read like Lambda reads it without enhanced fan-out. */
export function createKinesisSource(options: {
  client: KinesisClient;
  sourceArn: string;
  /** Default: AWS's interval. */
  idlePollIntervalMs?: number | undefined;
}): ShardSource {
  const { client, sourceArn } = options;
  const StreamName = sourceName(sourceArn);

  return {
    kind: 'kinesis',
    pollIntervalMs: POLL_INTERVAL_MS,
    idlePollIntervalMs: options.idlePollIntervalMs ?? POLL_INTERVAL_MS,
    readLimit: 10_000,
    // Every stream counts its shards from 0.
    keepsShardsOverIdentities: false,
    accepts: () => true,

    async describe() {
      try {
        const answer = await client.send(new DescribeStreamSummaryCommand({ StreamName }));
        const summary = answer.StreamDescriptionSummary;
        if (!summary || summary.StreamStatus === 'CREATING') return undefined;
        if (summary.StreamStatus === 'DELETING') return undefined;
        const identity = `${StreamName}@${summary.StreamCreationTimestamp?.toISOString() ?? ''}`;
        const hours = summary.RetentionPeriodHours ?? DEFAULT_RETENTION_HOURS;
        return { identity, streamArn: sourceArn, retentionMs: hours * 3_600_000 };
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },

    async listShards() {
      const shards: ShardDescription[] = [];
      let NextToken: string | undefined;
      do {
        const page = await client.send(
          new ListShardsCommand(NextToken ? { NextToken } : { StreamName }),
        );
        shards.push(...(page.Shards ?? []).map(describeShard));
        NextToken = page.NextToken;
      } while (NextToken);
      return shards;
    },

    // Arrival times are the engine's, on the same machine: an instant is an exact, durable "latest".
    async latest(_shardId, now) {
      return { kind: 'at-timestamp', timestamp: now };
    },

    open: (shardId, position) =>
      openIteratorReader({
        position,
        async iterator(from) {
          const answer = await client.send(
            new GetShardIteratorCommand({ StreamName, ShardId: shardId, ...iteratorType(from) }),
          );
          return answer.ShardIterator;
        },
        async records(ShardIterator, Limit) {
          const answer = await client.send(new GetRecordsCommand({ ShardIterator, Limit }));
          const records = (answer.Records ?? []).map((record) =>
            toRecord(record, shardId, sourceArn),
          );
          return { records, next: answer.NextShardIterator };
        },
      }),
  };
}

function describeShard(shard: Shard): ShardDescription {
  const parents = [shard.ParentShardId, shard.AdjacentParentShardId];
  return {
    shardId: shard.ShardId ?? '',
    parents: parents.filter((parent) => parent !== undefined),
    closed: shard.SequenceNumberRange?.EndingSequenceNumber !== undefined,
  };
}

function iteratorType(position: ShardPosition) {
  switch (position.kind) {
    case 'trim-horizon':
      return { ShardIteratorType: 'TRIM_HORIZON' } as const;
    case 'at-timestamp':
      return {
        ShardIteratorType: 'AT_TIMESTAMP',
        Timestamp: new Date(position.timestamp),
      } as const;
    case 'after':
      return {
        ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
        StartingSequenceNumber: position.sequenceNumber,
      } as const;
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html (example event) */
function toRecord(record: _Record, shardId: string, sourceArn: string): StreamRecord {
  const { region, account } = parseArn(sourceArn);
  const sequenceNumber = record.SequenceNumber ?? '';
  const partitionKey = record.PartitionKey ?? '';
  const arrivedAt = record.ApproximateArrivalTimestamp?.getTime() ?? 0;
  return streamRecord({
    sequenceNumber,
    orderingKey: partitionKey,
    arrivedAt,
    event: {
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey,
        sequenceNumber,
        data: Buffer.from(record.Data ?? []).toString('base64'),
        approximateArrivalTimestamp: arrivedAt / 1000,
      },
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: `${shardId}:${sequenceNumber}`,
      eventName: 'aws:kinesis:record',
      invokeIdentityArn: `arn:aws:iam::${account}:role/lambda-role`,
      awsRegion: region,
      eventSourceARN: sourceArn,
    },
  });
}
