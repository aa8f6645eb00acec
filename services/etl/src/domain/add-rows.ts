import { TransientError } from '@millrace/middleware';
import type { LakeObjects, RowFormat } from './ports.ts';
import { type Column, compareRows, type Row } from './row.ts';

/** Writers that meet at one object at the same time: the shards of one table, and zombies. */
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
 * @throws TransientError `lake_contended`
 */
export async function addRows(
  key: string,
  columns: readonly Column[],
  rows: readonly Row[],
  { objects, format, pause }: Lake,
): Promise<void> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const seen = await objects.read(key);
    const known = seen ? await format.decode(columns, seen.bytes) : [];
    const union = unite(known, rows);
    if (union.length === known.length) return;
    if (await objects.swap(key, format.encode(columns, union), seen)) return;
    await pause(Math.min(LONGEST_PAUSE_MS, 10 * 2 ** attempt));
  }
  throw new TransientError('lake_contended', 'Too many writers met at one object of the lake.');
}

/** What is known stays as it is: a newer transformation does not rewrite it. */
function unite(known: readonly Row[], added: readonly Row[]): Row[] {
  const byId = new Map(added.map((row) => [row.change_id, row]));
  for (const row of known) byId.set(row.change_id, row);
  return [...byId.values()].sort(compareRows);
}
