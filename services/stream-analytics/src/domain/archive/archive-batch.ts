import { addRows, type Lake, type Row } from '@millrace/lake';
import { BatchFailure, eachConcurrently, PermanentError } from '@millrace/middleware';
import { type EventType, isWithinHorizon } from '@millrace/types';
import type { Pseudonyms } from '../../pipelines/cleansing/cleanse.ts';
import { outOfTime } from '../engine/pacing.ts';
import { type IncomingEvent, OUT_OF_RANGE } from '../incoming-event.ts';
import { type Archived, archiveRow } from './archive-row.ts';
import { LAYOUTS } from './layouts.ts';
import type { NamedTenants, PseudonymMaker } from './pseudonyms.ts';

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
const LETTERS_AT_ONCE = 10;

/** Rows of one object, and the first record of the batch that waits for them. */
interface Group {
  readonly key: string;
  readonly type: EventType;
  readonly rows: Row[];
  readonly first: number;
}

/** What is not done with a record, and why. */
interface Undone {
  readonly index: number;
  readonly cause: unknown;
}

interface Sorted {
  readonly groups: readonly Group[];
  readonly leftOut: number;
  readonly undone: readonly Undone[];
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
  /** Nothing is begun that may not be done before the function is stopped. */
  const timely = async <T>(act: () => Promise<T>): Promise<T> => {
    if (!hasTimeLeft()) throw outOfTime();
    return await act();
  };
  const tenants = new Set(records.map(({ value }) => value.tenant));
  const named = await pseudonyms.forTenants(tenants, timely);
  const { groups, leftOut, undone } = sortRecords(records, named);
  const isRefused = ({ cause }: Undone) => cause instanceof PermanentError;
  const refused = undone.filter(isRefused);
  const failures = undone.filter((one) => !isRefused(one));
  await eachConcurrently(refused, LETTERS_AT_ONCE, async ({ index, cause }) => {
    const record = records[index];
    if (!record) return;
    await timely(() => putAside(record, cause)).catch((failure) => {
      failures.push({ index, cause: failure });
    });
  });
  // A write may need many turns: each request asks for the time.
  const timelyLake: Lake = {
    ...lake,
    objects: {
      read: (key) => timely(() => lake.objects.read(key)),
      swap: (...change) => timely(() => lake.objects.swap(...change)),
    },
  };
  let rows = 0;
  // One object that fails does not hinder the others: what is done is done when the batch comes again.
  await eachConcurrently(groups, OBJECTS_AT_ONCE, async (group) => {
    try {
      await addRows(group.key, LAYOUTS[group.type], group.rows, timelyLake);
      rows += group.rows.length;
    } catch (cause) {
      failures.push({ index: group.first, cause });
    }
  });
  const [first] = failures.sort((a, b) => a.index - b.index);
  const record = first && records[first.index];
  if (record) throw new BatchFailure(record.sequenceNumber, first.cause);
  return { rows, leftOut, rejected: refused.length };
}

function sortRecords(
  records: readonly ArchiveRecord[],
  { pseudonyms, failures }: NamedTenants,
): Sorted {
  const groups = new Map<string, Group>();
  const undone: Undone[] = [];
  let leftOut = 0;
  for (const [index, { value, arrivedAt }] of records.entries()) {
    const unnamed = failures.get(value.tenant);
    if (!isWithinHorizon(value.event.time, Date.parse(arrivedAt))) {
      undone.push({ index, cause: OUT_OF_RANGE });
    } else if (unnamed !== undefined) {
      undone.push({ index, cause: unnamed });
    } else {
      const archived = tryRow(value, pseudonyms);
      if (archived.kind === 'refused') undone.push({ index, cause: archived.cause });
      else if (archived.kind === 'left_out') leftOut += 1;
      else {
        const { key, row } = archived;
        const group = groups.get(key) ?? { key, type: value.event.type, rows: [], first: index };
        group.rows.push(row);
        groups.set(key, group);
      }
    }
  }
  return { groups: [...groups.values()], leftOut, undone };
}

/** Making a row is a function of the event: what fails fails again, so the stream must not wait for it. */
function tryRow(
  incoming: IncomingEvent,
  pseudonyms: Pseudonyms,
): Archived | { readonly kind: 'refused'; readonly cause: PermanentError } {
  try {
    return archiveRow(incoming, pseudonyms);
  } catch (error) {
    const cause = new PermanentError(
      'event_not_archivable',
      'The event cannot be made a row of the lake; see the cause in the log.',
      { cause: error },
    );
    return { kind: 'refused', cause };
  }
}
