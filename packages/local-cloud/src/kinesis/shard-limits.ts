import type { Clock } from '../clock.ts';
import type { AdmitRecord, RecordRefusal } from './admission.ts';
import { createTokenBucket, type TokenBucket } from './token-bucket.ts';

/** Per shard and second. https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html */
const WRITTEN_BYTES = 1024 * 1024;
const WRITTEN_RECORDS = 1_000;
const READ_BYTES = 2 * 1024 * 1024;
const READS = 5;

/** How many shards' meters are kept before those that say nothing any more are dropped. */
const SWEEP_AT = 1_024;

interface Meter {
  readonly writtenBytes: TokenBucket;
  readonly writtenRecords: TokenBucket;
  readonly readBytes: TokenBucket;
  readonly reads: TokenBucket;
}

/** What a shard of Kinesis takes and gives, whoever asks. */
export interface ShardLimits {
  readonly admit: AdmitRecord;
  /** Counts a GetRecords call; a refusal when the shard's consumers read too often or too much. */
  read(stream: string, shardId: string): RecordRefusal | undefined;
  /** Counts what a GetRecords call answered: 10 MB at once close the shard for five seconds. */
  answered(stream: string, shardId: string, bytes: number): void;
}

export function createShardLimits(clock: Clock, accountId: string): ShardLimits {
  const meters = new Map<string, Meter>();

  function meterOf(stream: string, shardId: string, now: number): Meter {
    const name = `${stream}/${shardId}`;
    const known = meters.get(name);
    if (known) return known;
    if (meters.size >= SWEEP_AT) dropIdle(meters, now);
    const meter = {
      writtenBytes: createTokenBucket(WRITTEN_BYTES, now),
      writtenRecords: createTokenBucket(WRITTEN_RECORDS, now),
      readBytes: createTokenBucket(READ_BYTES, now),
      reads: createTokenBucket(READS, now),
    };
    meters.set(name, meter);
    return meter;
  }

  const exceeded = (stream: string, shardId: string): RecordRefusal => ({
    code: 'ProvisionedThroughputExceededException',
    message: `Rate exceeded for shard ${shardId} in stream ${stream} under account ${accountId}.`,
  });

  return {
    admit(stream, { shardId, bytes }) {
      const now = clock.now();
      const { writtenBytes, writtenRecords } = meterOf(stream, shardId, now);
      if (!writtenRecords.holds(1, now) || !writtenBytes.holds(bytes, now)) {
        return exceeded(stream, shardId);
      }
      writtenRecords.take(1, now);
      writtenBytes.take(bytes, now);
      return undefined;
    },
    read(stream, shardId) {
      const now = clock.now();
      const { reads, readBytes } = meterOf(stream, shardId, now);
      // A read that answers nothing has to be possible as soon as the debt is paid.
      if (!reads.holds(1, now) || !readBytes.holds(1, now)) return exceeded(stream, shardId);
      reads.take(1, now);
      return undefined;
    },
    answered(stream, shardId, bytes) {
      const now = clock.now();
      meterOf(stream, shardId, now).readBytes.take(bytes, now);
    },
  };
}

function dropIdle(meters: Map<string, Meter>, now: number): void {
  for (const [name, meter] of meters) {
    if (Object.values(meter).every((bucket: TokenBucket) => bucket.isFull(now))) {
      meters.delete(name);
    }
  }
}
