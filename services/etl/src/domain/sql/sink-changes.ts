import { PermanentError } from '@millrace/middleware';
import type { Change } from '../change.ts';
import type { Pipeline } from '../pipeline.ts';
import { type SqlRow, stateAfter } from './sql-row.ts';
import type { SqlTable } from './sql-table.ts';

/** Tables whose rows only ever grow in sequence. */
export interface NewestRows {
  /**
   * Puts each row where no newer one of its item is, all or none of them; an item at most once.
   *
   * @throws RowsRefused where a value can never be stored
   */
  putNewest(table: SqlTable, rows: readonly SqlRow[]): Promise<void>;
}

/** The database will never take these rows as they are, one of them at least. */
export class RowsRefused extends Error {
  override readonly name = 'RowsRefused';
}

export interface Sunk {
  readonly items: number;
  readonly superseded: number;
  readonly rejected: number;
}

interface Version {
  readonly change: Change;
  readonly row: SqlRow;
}

/**
 * Takes a batch of changes into the pipeline's table: of each item the newest state, in one
 * statement. What is not what the pipeline expects, and what the database refuses, is put aside and
 * does not hinder the others; an item then keeps the newest state that could be stored, whatever
 * batches its changes came in. Throws when anything has to be tried again; then the whole batch may.
 *
 * @param putAside keeps the change with the reason; idempotent
 */
export async function sinkChanges(
  changes: readonly Change[],
  pipeline: Pipeline,
  table: SqlTable,
  rows: NewestRows,
  putAside: (change: Change, reason: PermanentError) => Promise<void>,
): Promise<Sunk> {
  const items = new Map<string, Version[]>();
  const sunk = { items: 0, superseded: 0, rejected: 0 };
  const reject = async (change: Change, code: string, why: string) => {
    sunk.rejected += 1;
    await putAside(change, new PermanentError(code, why));
  };
  for (const change of changes) {
    const state = stateAfter(change, pipeline, table);
    if (state.kind === 'invalid') {
      await reject(change, 'item_invalid', state.violations);
      continue;
    }
    const versions = items.get(state.row.id);
    if (versions) sunk.superseded += 1;
    else items.set(state.row.id, []);
    items.get(state.row.id)?.push({ change, row: state.row });
  }
  sunk.items = items.size;

  async function put(histories: readonly Version[][]): Promise<void> {
    const [first] = histories;
    if (!first) return;
    try {
      await rows.putNewest(table, histories.map(newest));
    } catch (error) {
      if (!(error instanceof RowsRefused)) throw error;
      if (histories.length > 1) {
        const middle = Math.ceil(histories.length / 2);
        await put(histories.slice(0, middle));
        await put(histories.slice(middle));
        return;
      }
      const refused = newest(first);
      const { change } = first.find(({ row }) => row === refused) ?? {};
      if (change) await reject(change, 'sql_value_refused', error.message);
      const older = first.filter(({ row }) => row !== refused);
      if (older.length > 0) await put([older]);
    }
  }

  await put([...items.values()]);
  return sunk;
}

function newest(versions: readonly Version[]): SqlRow {
  return versions.map(({ row }) => row).reduce((a, b) => (b.sequence > a.sequence ? b : a));
}
