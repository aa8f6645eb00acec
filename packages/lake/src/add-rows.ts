import { TransientError } from '@millrace/middleware';
import type { ClosedObjects } from './closed-objects.ts';
import type { LakeObjects, RowFormat } from './ports.ts';
import { bytesOf, compareRows, idOf, type Row, type RowLayout } from './row.ts';
import { conformRow, isWidened, unifyColumns } from './schema.ts';

/** Writers that meet at one object at the same time: the shards of one stream, and zombies. */
const MOST_ATTEMPTS = 20;
const LONGEST_PAUSE_MS = 500;

export interface Lake {
  readonly objects: LakeObjects;
  readonly format: RowFormat;
  /** Waits; up to `ms` milliseconds, by chance. */
  pause(ms: number): Promise<void>;
  /** So that objects that are closed are not read again for every batch. */
  readonly closed?: ClosedObjects;
}

/**
 * Adds rows to an object, each once: the object is a set of rows that only grows, its new content is
 * the union of what was read and what came, and it is written only if nobody wrote meanwhile. So a
 * repeated, late or interrupted call, in whatever batches, never adds a row twice or loses one
 * (docs/decisions/0030-lake-exactly-once.md).
 *
 * An object that is closed (`RowLayout.closedAt`) is not written again; rows that it lacks go to the
 * next (docs/decisions/0053-the-archive.md). Columns that an object has and the layout does not (any
 * more) stay in it.
 *
 * @param key ends with `.parquet`.
 * @throws TransientError `lake_contended`
 * @throws LakeSchemaError where a column has become another type
 */
export async function addRows(
  key: string,
  layout: RowLayout,
  rows: readonly Row[],
  lake: Lake,
): Promise<void> {
  let missing = rows;
  for (let nth = 0; missing.length > 0; nth += 1) {
    missing = await addToObject(nthObject(key, nth), layout, missing, lake);
  }
}

/** @returns the rows that are not there, because the object is closed. */
async function addToObject(
  key: string,
  layout: RowLayout,
  rows: readonly Row[],
  { objects, format, pause, closed }: Lake,
): Promise<readonly Row[]> {
  const remembered = closed?.idsOf(key);
  if (remembered) return newRows(layout, remembered, rows);
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const seen = await objects.read(key);
    const columns = seen
      ? unifyColumns(format.columnsOf(seen.bytes), layout.columns)
      : layout.columns;
    const whole = { ...layout, columns };
    const known = seen ? await format.decode(whole, seen.bytes) : [];
    const ids = new Set(known.map((row) => idOf(layout, row)));
    const added = newRows(layout, ids, rows);
    if (isClosed(layout, known)) {
      closed?.remember(key, ids);
      return added;
    }
    if (added.length === 0) return [];
    const union = [...known, ...added]
      .map((row) => (isWidened(layout.columns, columns) ? conformRow(columns, row) : row))
      .sort(compareRows(layout));
    if (await objects.swap(key, format.encode(whole, union), seen)) return [];
    await pause(Math.min(LONGEST_PAUSE_MS, 10 * 2 ** attempt));
  }
  throw new TransientError('lake_contended', 'Too many writers met at one object of the lake.');
}

/** Each once. What is known stays as it is: a newer transformation does not rewrite it. */
function newRows(layout: RowLayout, known: ReadonlySet<string>, rows: readonly Row[]): Row[] {
  const ids = new Set<string>();
  return rows.filter((row) => {
    const id = idOf(layout, row);
    if (known.has(id) || ids.has(id)) return false;
    ids.add(id);
    return true;
  });
}

function isClosed({ closedAt }: RowLayout, rows: readonly Row[]): boolean {
  return closedAt !== undefined && bytesOf(rows) >= closedAt;
}

/** `0941-0.parquet`, `0941-0.1.parquet`, `0941-0.2.parquet`, … */
function nthObject(key: string, nth: number): string {
  return nth === 0 ? key : key.replace(/\.parquet$/, `.${nth}.parquet`);
}
