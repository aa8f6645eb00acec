import { isExpiredIterator, isTrimmed } from '../aws-clients.ts';
import type { ShardPosition, ShardReader, StreamRecord } from './shard-source.ts';

/** What one read brings at most, as GetRecords of Kinesis does; the engine only counts records. */
const PAGE_BYTES = 10 * 1024 * 1024;
/** So many records are asked for before it is known how large they are. */
const FIRST_PAGE = 100;

/**
 * Reads a shard by iterators, which expire after five minutes and are lost with an engine that
 * restarts: the place is remembered by sequence number, and a new iterator is asked for there.
 */
export function openIteratorReader(options: {
  position: ShardPosition;
  iterator(from: ShardPosition): Promise<string | undefined>;
  records(
    iterator: string,
    limit: number,
  ): Promise<{ records: StreamRecord[]; next: string | undefined }>;
}): ShardReader {
  let position = options.position;
  let iterator: string | undefined;
  let pageLimit = FIRST_PAGE;

  async function obtainIterator(): Promise<string | undefined> {
    try {
      return await options.iterator(position);
    } catch (error) {
      if (!isTrimmed(error)) throw error;
      // What came after the checkpoint is older than the retention: go on with what there is.
      position = { kind: 'trim-horizon' };
      return options.iterator(position);
    }
  }

  async function readPage(limit: number) {
    iterator ??= await obtainIterator();
    if (iterator === undefined) return { records: [], ended: true };
    const used = iterator;
    // Forgotten first, so that any failure below asks for a new one at the same place.
    iterator = undefined;
    const { records, next } = await options.records(used, Math.min(limit, pageLimit));
    iterator = next;
    const last = records.at(-1);
    if (last) {
      position = { kind: 'after', sequenceNumber: last.sequenceNumber };
      pageLimit = recordsOfPage(records);
    }
    return { records, ended: next === undefined };
  }

  return {
    async read(limit) {
      try {
        return await readPage(limit);
      } catch (error) {
        // Kept too long. No records would mean that the shard has none, and windows close by that.
        if (isExpiredIterator(error)) return readPage(limit);
        throw error;
      }
    },
  };
}

/** How many records like these are one page. */
function recordsOfPage(records: readonly StreamRecord[]): number {
  const bytes = records.reduce((sum, record) => sum + record.bytes, 0);
  return Math.max(1, Math.floor((PAGE_BYTES * records.length) / bytes));
}
