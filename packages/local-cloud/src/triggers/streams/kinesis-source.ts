import type { Clock } from '../../clock.ts';
import { isClosed, type KinesisLog, type LoggedRecord } from '../../engines/kinesis-reader.ts';
import { parseArn, sourceName } from '../arn.ts';
import {
  type ShardPosition,
  type ShardReader,
  type ShardSource,
  type StreamRecord,
  streamRecord,
} from './shard-source.ts';

const POLL_INTERVAL_MS = 1_000;

/** The stream or its shard was deleted while it was read. */
class ShardGoneError extends Error {
  override readonly name = 'ResourceNotFoundException';
}

/** A Kinesis data stream, read as Lambda reads it without enhanced fan-out. */
export function createKinesisSource(options: {
  log: KinesisLog;
  clock: Clock;
  sourceArn: string;
  /** Default: AWS's interval. */
  idlePollIntervalMs?: number | undefined;
}): ShardSource {
  const { log, clock, sourceArn } = options;
  const stream = sourceName(sourceArn);

  return {
    kind: 'kinesis',
    pollIntervalMs: POLL_INTERVAL_MS,
    idlePollIntervalMs: options.idlePollIntervalMs ?? POLL_INTERVAL_MS,
    readLimit: 10_000,
    // Every stream counts its shards from 0.
    keepsShardsOverIdentities: false,
    accepts: () => true,

    async describe() {
      const found = await log.describe(stream);
      if (!found || found.StreamStatus === 'CREATING') return undefined;
      if (found.StreamStatus === 'DELETING') return undefined;
      const createdAt = new Date(found.StreamCreationTimestamp * 1_000);
      return {
        identity: `${stream}@${createdAt.toISOString()}`,
        streamArn: sourceArn,
        retentionMs: found.RetentionPeriodHours * 3_600_000,
      };
    },

    async listShards() {
      const found = await log.describe(stream);
      return (found?.Shards ?? []).map((shard) => ({
        shardId: shard.ShardId,
        parents: [shard.ParentShardId, shard.AdjacentParentShardId].filter(
          (parent) => parent !== undefined,
        ),
        closed: isClosed(shard),
      }));
    },

    // Arrival times are the engine's, on the same machine: an instant is an exact, durable "latest".
    async latest(_shardId, now) {
      return { kind: 'at-timestamp', timestamp: now };
    },

    open: (shardId, position) => openShard({ log, clock, stream, sourceArn, shardId, position }),
  };
}

function openShard(options: {
  log: KinesisLog;
  clock: Clock;
  stream: string;
  sourceArn: string;
  shardId: string;
  position: ShardPosition;
}): ShardReader {
  const { log, clock, stream, sourceArn, shardId, position } = options;
  const { region, account } = parseArn(sourceArn);
  const place = { shardId, sourceArn, region, account };
  const from = position.kind === 'at-timestamp' ? position.timestamp : Number.NEGATIVE_INFINITY;
  let after = position.kind === 'after' ? position.sequenceNumber : undefined;

  function toRecord(record: LoggedRecord): StreamRecord {
    const noted = Math.round(record.ApproximateArrivalTimestamp * 1_000);
    // The engine notes times by the machine's clock, which nobody moves.
    return eventRecord(record, clock.arrivalOf?.(noted) ?? noted, place);
  }

  return {
    async read(limit) {
      for (;;) {
        const page = await log.read(stream, shardId, after, limit);
        if (!page) throw new ShardGoneError(`There is no ${shardId} in the stream ${stream}.`);
        after = page.last ?? after;
        const records = page.records.map(toRecord).filter(({ arrivedAt }) => arrivedAt >= from);
        if (records.length > 0 || page.isLast) {
          return { records, ended: page.isLast && page.isClosed };
        }
      }
    },
  };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html (example event) */
function eventRecord(
  { SequenceNumber, PartitionKey, Data }: LoggedRecord,
  arrivedAt: number,
  place: { shardId: string; sourceArn: string; region: string; account: string },
): StreamRecord {
  return streamRecord({
    sequenceNumber: SequenceNumber,
    orderingKey: PartitionKey,
    arrivedAt,
    event: {
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey: PartitionKey,
        sequenceNumber: SequenceNumber,
        data: Data,
        approximateArrivalTimestamp: arrivedAt / 1_000,
      },
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: `${place.shardId}:${SequenceNumber}`,
      eventName: 'aws:kinesis:record',
      invokeIdentityArn: `arn:aws:iam::${place.account}:role/lambda-role`,
      awsRegion: place.region,
      eventSourceARN: place.sourceArn,
    },
  });
}
