import type { EngineAnswer, KinesisEngine } from '../engines/kinesis.ts';

const PAGE = 10_000;

/** A sequence number counts the records of its stream; below the count stand time and shard. */
const BELOW_THE_COUNT_BITS = 80n;

/** What of a GetShardIterator request matters here. */
interface IteratorRequest {
  readonly StreamName: string;
  readonly ShardId: string;
  /** Seconds since the epoch. */
  readonly Timestamp: number;
}

/**
 * Answers GetShardIterator of the type AT_TIMESTAMP: the engine gives no answer at all while the shard
 * has no record of that instant or later, where AWS gives an iterator that waits for the first one.
 *
 * The end of the shard is taken before the shard is searched: a record that is put meanwhile is found
 * by the search or comes after that end, and is not missed either way.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetShardIterator.html
 *
 * @returns undefined for what the engine answers, or refuses, by itself
 */
export async function iteratorAtTimestamp(
  engine: KinesisEngine,
  input: Readonly<Record<string, unknown>>,
): Promise<EngineAnswer | undefined> {
  const request = readRequest(input);
  if (!request) return undefined;
  const { StreamName, ShardId, Timestamp } = request;
  const iterator = (more: Record<string, unknown>) =>
    engine.call('GetShardIterator', { StreamName, ShardId, ...more });
  const end = await iterator({ ShardIteratorType: 'LATEST' });
  if (end.status !== 200) return undefined;
  const horizon = await iterator({ ShardIteratorType: 'TRIM_HORIZON' });
  const first = await firstArrivedAt(engine, horizon.body.ShardIterator, Timestamp);
  if (first === undefined) return end;
  return iterator({
    ShardIteratorType: 'AT_SEQUENCE_NUMBER',
    StartingSequenceNumber: first,
  });
}

/** An instant that is yet to come is left to the engine, which refuses it as AWS does. */
function readRequest(input: Readonly<Record<string, unknown>>) {
  if (input.ShardIteratorType !== 'AT_TIMESTAMP') return undefined;
  const { StreamName, ShardId, Timestamp } = input;
  const complete =
    typeof StreamName === 'string' && typeof ShardId === 'string' && typeof Timestamp === 'number';
  if (!complete || input.StartingSequenceNumber !== undefined) return undefined;
  if (Timestamp * 1000 > Date.now()) return undefined;
  return { StreamName, ShardId, Timestamp } satisfies IteratorRequest;
}

/** The sequence number of the shard's first record that arrived at `timestamp` or later. */
async function firstArrivedAt(
  engine: KinesisEngine,
  horizon: unknown,
  timestamp: number,
): Promise<string | undefined> {
  for (let iterator = horizon; typeof iterator === 'string'; ) {
    const { body } = await engine.call('GetRecords', { ShardIterator: iterator, Limit: PAGE });
    const records = (body.Records ?? []) as readonly {
      SequenceNumber: string;
      ApproximateArrivalTimestamp: number;
    }[];
    const found = records.find((record) => record.ApproximateArrivalTimestamp >= timestamp);
    if (found) return found.SequenceNumber;
    const next = body.NextShardIterator;
    // A page that is empty because all in it has expired is not yet the end.
    if (records.length === 0 && !isPast(engine, next, iterator)) return undefined;
    iterator = next;
  }
  return undefined;
}

/** Whether there were records between the two iterators. Time alone moves an iterator, too. */
function isPast(engine: KinesisEngine, next: unknown, before: string): boolean {
  const countOf = (iterator: unknown) => {
    const place = typeof iterator === 'string' ? engine.shardOfIterator(iterator) : undefined;
    return BigInt(place?.sequenceNumber ?? 0) >> BELOW_THE_COUNT_BITS;
  };
  return countOf(next) > countOf(before);
}
