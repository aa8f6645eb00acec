import { createHash } from 'node:crypto';
import { TransientError } from '@millrace/middleware';
import type { LakeObjects, RowFormat } from './ports.ts';
import { bytesOf, compareRows, idOf, type Row, type RowLayout } from './row.ts';

/** Writers that meet at one object at the same time: the shards of one stream, and zombies. */
const MOST_ATTEMPTS = 20;
const LONGEST_PAUSE_MS = 500;

export interface Lake {
  readonly objects: LakeObjects;
  readonly format: RowFormat;
  /** Waits; up to `ms` milliseconds, by chance. */
  pause(ms: number): Promise<void>;
}

/**
 * Adds rows to an object, each once: the object is a set of rows that only grows, its new content is
 * the union of what was read and what came, and it is written only if nobody wrote meanwhile. So a
 * repeated, late or interrupted call, in whatever batches, never adds a row twice or loses one
 * (docs/decisions/0030-lake-exactly-once.md).
 *
 * An object that is closed (`RowLayout.closedAt`) is not written again; rows that it lacks go to one
 * of sixteen beside it, by a hash of their id (docs/decisions/0053-the-archive.md).
 *
 * @param key ends with `.parquet`.
 * @throws TransientError `lake_contended`
 */
export async function addRows(
  key: string,
  layout: RowLayout,
  rows: readonly Row[],
  lake: Lake,
): Promise<void> {
  await addAt('', key, layout, rows, lake);
}

/** @param path hexadecimal digits: which of the objects beside `key`, and beside those. */
async function addAt(
  path: string,
  key: string,
  layout: RowLayout,
  rows: readonly Row[],
  lake: Lake,
): Promise<void> {
  const missing = await addToObject(path ? besides(key, path) : key, layout, rows, lake);
  const byDigit = new Map<string, Row[]>();
  for (const row of missing) {
    const digit = hashOf(idOf(layout, row)).charAt(path.length);
    const group = byDigit.get(digit);
    if (group) group.push(row);
    else byDigit.set(digit, [row]);
  }
  for (const [digit, group] of byDigit) await addAt(path + digit, key, layout, group, lake);
}

/** @returns the rows that are not there, because the object is closed. */
async function addToObject(
  key: string,
  layout: RowLayout,
  rows: readonly Row[],
  { objects, format, pause }: Lake,
): Promise<readonly Row[]> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const seen = await objects.read(key);
    const known = seen ? await format.decode(layout, seen.bytes) : [];
    const added = newRows(layout, known, rows);
    if (added.length === 0 || isClosed(layout, known)) return added;
    const union = [...known, ...added].sort(compareRows(layout));
    if (await objects.swap(key, format.encode(layout, union), seen)) return [];
    await pause(Math.min(LONGEST_PAUSE_MS, 10 * 2 ** attempt));
  }
  throw new TransientError('lake_contended', 'Too many writers met at one object of the lake.');
}

/** Each once. What is known stays as it is: a newer transformation does not rewrite it. */
function newRows(layout: RowLayout, known: readonly Row[], rows: readonly Row[]): Row[] {
  const ids = new Set(known.map((row) => idOf(layout, row)));
  return rows.filter((row) => {
    const id = idOf(layout, row);
    if (ids.has(id)) return false;
    ids.add(id);
    return true;
  });
}

function isClosed({ closedAt }: RowLayout, rows: readonly Row[]): boolean {
  return closedAt !== undefined && bytesOf(rows) >= closedAt;
}

const besides = (key: string, path: string) => key.replace(/\.parquet$/, `.${path}.parquet`);

const hashOf = (id: string) => createHash('sha256').update(id).digest('hex');
