import { addRows, type Lake, type Row } from '@millrace/lake';
import { BatchFailure, PermanentError } from '@millrace/middleware';
import { type EventType, isWithinHorizon } from '@millrace/types';
import { outOfTime } from '../engine/pacing.ts';
import { OUT_OF_RANGE } from '../engine/process-batch.ts';
import type { IncomingEvent } from '../incoming-event.ts';
import { archiveRow } from './archive-row.ts';
import { LAYOUTS } from './layouts.ts';
import type { PseudonymMaker } from './pseudonyms.ts';

/** A decoded record of the stream. */
export interface ArchiveRecord {
  readonly sequenceNumber: string;
  /** ISO 8601. */
  readonly arrivedAt: string;
  readonly value: IncomingEvent;
}

export interface Archiving<R extends ArchiveRecord> {
  readonly lake: Lake;
  readonly pseudonyms: PseudonymMaker;
  readonly hasTimeLeft: () => boolean;
  /** Puts a record that can never be a row among the dead letters. */
  readonly putAside: (record: R, cause: unknown) => Promise<void>;
}

export interface ArchiveCounts {
  /** Rows that are in the lake now; some may have been there. */
  readonly rows: number;
  readonly leftOut: number;
  readonly rejected: number;
}

/** Objects side by side: most of the time is waiting, and a large object is held in memory. */
const OBJECTS_AT_ONCE = 4;

/** Rows of one object, and the first record of the batch that waits for them. */
interface Group {
  readonly type: EventType;
  readonly rows: Row[];
  readonly first: number;
}

interface Failure {
  readonly index: number;
  readonly cause: unknown;
}

/**
 * Takes the records of a batch to the lake, each event as one row however often it comes
 * (docs/decisions/0053-the-archive.md).
 *
 * @throws BatchFailure from the first record whose row may not be there.
 */
export async function archiveBatch<R extends ArchiveRecord>(
  records: readonly R[],
  { lake, pseudonyms, hasTimeLeft, putAside }: Archiving<R>,
): Promise<ArchiveCounts> {
  const named = await pseudonyms.forTenants(new Set(records.map(({ value }) => value.tenant)));
  const groups = new Map<string, Group>();
  const failures: Failure[] = [];
  const counts = { rows: 0, leftOut: 0, rejected: 0 };
  for (const [index, record] of records.entries()) {
    try {
      if (!isWithinHorizon(record.value.event.time, Date.parse(record.arrivedAt)))
        throw OUT_OF_RANGE;
      const archived = archiveRow(record.value, named);
      if (archived.kind === 'left_out') {
        counts.leftOut += 1;
        continue;
      }
      const { key, row } = archived;
      const group = groups.get(key);
      if (group) group.rows.push(row);
      else groups.set(key, { type: record.value.event.type, rows: [row], first: index });
    } catch (error) {
      counts.rejected += 1;
      await putAside(record, reasonOf(error)).catch((cause) => failures.push({ index, cause }));
    }
  }
  counts.rows = await addAll(groups, lake, hasTimeLeft, failures);
  const [first] = failures.sort((a, b) => a.index - b.index);
  const record = first && records[first.index];
  if (record) throw new BatchFailure(record.sequenceNumber, first.cause);
  return counts;
}

/** One object that fails does not hinder the others: what is done is done when the batch comes again. */
async function addAll(
  groups: ReadonlyMap<string, Group>,
  lake: Lake,
  hasTimeLeft: () => boolean,
  failures: Failure[],
): Promise<number> {
  const waiting = [...groups];
  let rows = 0;
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [key, group] = next;
      try {
        if (!hasTimeLeft()) throw outOfTime();
        await addRows(key, LAYOUTS[group.type], group.rows, lake);
        rows += group.rows.length;
      } catch (cause) {
        failures.push({ index: group.first, cause });
      }
    }
  };
  await Promise.all(Array.from({ length: OBJECTS_AT_ONCE }, work));
  return rows;
}

/** Making a row is a function of the event: what fails fails again, so the stream must not wait for it. */
function reasonOf(error: unknown): PermanentError {
  if (error instanceof PermanentError) return error;
  return new PermanentError(
    'event_not_archivable',
    'The event cannot be made a row of the lake; see the cause in the log.',
    { cause: error },
  );
}
