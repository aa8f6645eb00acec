import { compareSequenceNumbers } from '@millrace/middleware';
import { reach } from './places.ts';
import type { Range } from './queue-messages.ts';

/** A record of a stream as an event of Lambda has it. */
export interface StreamRecord {
  readonly sequenceNumber: string;
  readonly event: unknown;
}

export interface StreamReader {
  /** Undefined where the shard ends there. */
  iterator(range: Range, from: string, isAfter: boolean): Promise<string | undefined>;
  page(
    range: Range,
    iterator: string,
  ): Promise<{
    readonly records: readonly StreamRecord[];
    /** Undefined at the end of a closed shard. */
    readonly next: string | undefined;
    /** Nothing younger is there. */
    readonly isAtEnd: boolean;
  }>;
}

/** Records of the range have left the stream: its retention is over, or it was made anew. */
export class RangeTrimmed extends Error {}

/** Pages without a record, before it is believed that there are none. */
const EMPTY_PAGES = 20;
const GONE = new Set(['TrimmedDataAccessException', 'ResourceNotFoundException']);

/**
 * The records of a range, page by page, in order. Each page is asked for by the last record before
 * it: an iterator dies after five minutes, and an invocation may take as long.
 *
 * @throws RangeTrimmed before the first record when that one is not the range's first, and at the end
 * when the last one is not its last
 */
export async function* readRange(
  reader: StreamReader,
  range: Range,
): AsyncGenerator<readonly StreamRecord[]> {
  let last: string | undefined;
  for (;;) {
    const found = await nextPage(reader, range, last);
    const records = found.filter(
      ({ sequenceNumber }) => compareSequenceNumbers(sequenceNumber, range.last) <= 0,
    );
    const [first] = records;
    if (last === undefined) requireFirst(first, range);
    if (records.length > 0) yield records;
    last = records.at(-1)?.sequenceNumber ?? last;
    if (last !== undefined && compareSequenceNumbers(last, range.last) >= 0) return;
    if (records.length < found.length || records.length === 0) {
      throw new RangeTrimmed(`the stream has no record ${range.last}, the last of the range`);
    }
  }
}

function requireFirst(first: StreamRecord | undefined, range: Range): void {
  if (first && compareSequenceNumbers(first.sequenceNumber, range.first) === 0) return;
  throw new RangeTrimmed(
    first
      ? `the first records have left the stream: it begins at ${first.sequenceNumber}`
      : 'all records have left the stream',
  );
}

async function nextPage(
  reader: StreamReader,
  range: Range,
  last: string | undefined,
): Promise<readonly StreamRecord[]> {
  const ask = <T>(call: () => Promise<T>) => orTrimmed(() => reach(range.streamArn, call));
  let iterator = await ask(() => reader.iterator(range, last ?? range.first, last !== undefined));
  for (let empty = 0; iterator !== undefined && empty < EMPTY_PAGES; empty += 1) {
    const at = iterator;
    const { records, next, isAtEnd } = await ask(() => reader.page(range, at));
    if (records.length > 0) return records;
    if (isAtEnd) return [];
    iterator = next;
  }
  return [];
}

async function orTrimmed<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (!(cause instanceof Error) || !GONE.has(cause.name)) throw error;
    throw new RangeTrimmed(`the records have left the stream (${cause.message})`);
  }
}
