import type { Clock } from '../clock.ts';
import type { KinesisEngine } from '../engines/kinesis.ts';
import type { Wake } from '../wake.ts';
import { createTokenBucket } from './token-bucket.ts';

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_SubscribeToShard.html */
const LIFETIME_MS = 5 * 60_000;
/** A consumer's own, of each shard that it subscribes to. */
const BYTES_PER_SECOND = 2 * 1024 * 1024;

/** Writes ring; this finds the end of a shard, which nobody tells of. */
const LOOK_AGAIN_MS = 500;
const PAY_MS = 50;

/** Pages follow the size of the records: the engine counts records only, and one may have 1 MB. */
const FIRST_PAGE = 10;
const LONGEST_PAGE = 100;
const LARGE_PAGE_BYTES = 1024 * 1024;
const SMALL_PAGE_BYTES = 256 * 1024;

interface EngineRecord {
  readonly SequenceNumber: string;
  /** Base64. */
  readonly Data: string;
  /** Seconds since the epoch, by the machine's clock. */
  readonly ApproximateArrivalTimestamp: number;
}

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_SubscribeToShardEvent.html */
export interface SubscribeToShardEvent {
  readonly Records: readonly EngineRecord[];
  /** Missing at the end of a shard: there is nothing to continue with. */
  readonly ContinuationSequenceNumber?: string;
  readonly MillisBehindLatest: number;
  readonly ChildShards?: readonly unknown[];
}

/** Ends a subscription with an error that the client is told of. */
export class SubscriptionError extends Error {
  readonly type: string;
  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

/**
 * The records of a shard as they come, a page at a time: the next one is read when the last was taken.
 * Returns after five minutes, at the end of a closed shard, and when `signal` is aborted.
 *
 * @throws SubscriptionError when the stream is gone
 */
export async function* readShard(options: {
  readonly engine: KinesisEngine;
  readonly clock: Clock;
  readonly wake: Wake;
  readonly signal: AbortSignal;
  readonly stream: string;
  readonly shardId: string;
  readonly iterator: string;
  /** Whether no more than AWS's 2 MB a second are given. */
  readonly limited: boolean;
}): AsyncGenerator<SubscribeToShardEvent, void> {
  const { engine, clock, wake, signal, stream, shardId } = options;
  const endsAt = clock.now() + LIFETIME_MS;
  const bytes = createTokenBucket(BYTES_PER_SECOND, clock.now());
  let limit = FIRST_PAGE;

  for (let iterator = options.iterator; !signal.aborted && clock.now() < endsAt; ) {
    if (options.limited && !bytes.holds(1, clock.now())) {
      await clock.sleep(PAY_MS, signal);
      continue;
    }
    const page = await readPage(engine, iterator, limit);
    if (signal.aborted) return;
    const { records, next } = page;
    if (next === undefined) {
      const ChildShards = await childrenOf(engine, stream, shardId);
      yield { Records: records, MillisBehindLatest: 0, ChildShards };
      return;
    }
    iterator = next;
    if (records.length === 0) {
      await wake.wait(Math.min(endsAt, clock.now() + LOOK_AGAIN_MS), signal);
      continue;
    }
    const size = records.reduce((sum, { Data }) => sum + Buffer.byteLength(Data, 'base64'), 0);
    bytes.take(size, clock.now());
    yield eventOf(records, clock, records.length === limit);
    limit = nextLimit(limit, size);
  }
}

function nextLimit(limit: number, bytes: number): number {
  if (bytes > LARGE_PAGE_BYTES) return Math.max(1, Math.floor(limit / 2));
  return bytes < SMALL_PAGE_BYTES ? Math.min(LONGEST_PAGE, limit * 2) : limit;
}

/** A page that is not full ends at the tip of the shard. */
function eventOf(records: readonly EngineRecord[], clock: Clock, isFull: boolean) {
  const Records = records.map((record) => {
    const at = record.ApproximateArrivalTimestamp * 1000;
    return { ...record, ApproximateArrivalTimestamp: (clock.arrivalOf?.(at) ?? at) / 1000 };
  });
  const last = Records.at(-1);
  const arrivedAt = (last?.ApproximateArrivalTimestamp ?? 0) * 1000;
  return {
    Records,
    ContinuationSequenceNumber: last?.SequenceNumber ?? '0',
    MillisBehindLatest: isFull ? Math.max(0, Math.round(clock.now() - arrivedAt)) : 0,
  };
}

async function readPage(engine: KinesisEngine, ShardIterator: string, Limit: number) {
  const { status, body } = await engine.call('GetRecords', { ShardIterator, Limit });
  if (status !== 200) {
    throw new SubscriptionError(
      String(body.__type ?? 'InternalFailureException'),
      String(body.message),
    );
  }
  return {
    records: (body.Records ?? []) as readonly EngineRecord[],
    next: body.NextShardIterator as string | undefined,
  };
}

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ChildShard.html */
async function childrenOf(engine: KinesisEngine, StreamName: string, shardId: string) {
  const { body } = await engine.call('DescribeStream', { StreamName, Limit: 10_000 });
  const description = body.StreamDescription as
    | { readonly Shards: readonly Readonly<Record<string, unknown>>[] }
    | undefined;
  return (description?.Shards ?? []).flatMap((shard) => {
    const ParentShards = [shard.ParentShardId, shard.AdjacentParentShardId].filter(
      (parent) => parent !== undefined,
    );
    if (!ParentShards.includes(shardId)) return [];
    return [{ ShardId: shard.ShardId, ParentShards, HashKeyRange: shard.HashKeyRange }];
  });
}
