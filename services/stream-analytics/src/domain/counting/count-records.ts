import { BatchFailure } from '@millrace/middleware';
import type { IncomingEvent } from '../incoming-event.ts';
import type { Pacing } from './commit-chunk.ts';
import { countEvents } from './count-events.ts';
import type { CountStore } from './count-store.ts';

/** A decoded record of a stream. */
export interface EventRecord {
  readonly sequenceNumber: string;
  readonly value: IncomingEvent;
}

export interface RecordCounting<R extends EventRecord> {
  readonly store: CountStore;
  readonly pacing: Pacing;
  /** Puts a record that can never be counted among the dead letters. */
  readonly putAside: (record: R, cause: unknown) => Promise<void>;
}

/**
 * Counts the records of a batch, in the batch's order.
 *
 * @returns how many were counted and how many were duplicates.
 * @throws BatchFailure from the first record that may be uncounted and is not put aside.
 */
export async function countRecords<R extends EventRecord>(
  records: readonly R[],
  { store, pacing, putAside }: RecordCounting<R>,
): Promise<{ counted: number; duplicates: number }> {
  const result = await countEvents(
    records.map(({ value }) => value),
    store,
    pacing,
  );
  const failures = result.failure ? [result.failure] : [];
  for (const { index, cause } of result.refusals) {
    try {
      await putAside(at(records, index), cause);
    } catch (failure) {
      failures.push({ index, cause: failure });
    }
  }
  const [first] = failures.sort((a, b) => a.index - b.index);
  if (first) throw new BatchFailure(at(records, first.index).sequenceNumber, first.cause);
  return { counted: result.counted, duplicates: result.duplicates };
}

function at<R>(records: readonly R[], index: number): R {
  const record = records[index];
  if (!record) throw new RangeError(`no record at ${index}`);
  return record;
}
