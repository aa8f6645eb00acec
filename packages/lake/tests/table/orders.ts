import { addRows, MINUTE, objectSlot, type Row } from '@millrace/lake';
import { parquetFormat } from '@millrace/lake/parquet';
import {
  commitTable,
  DEFAULT_SETTINGS,
  filesOf,
  type Manifest,
  readManifest,
  type TableLayout,
  type TableSettings,
} from '@millrace/lake/table';
import { type memoryLakeObjects, readTable } from '@millrace/lake/testing';

export const layout: TableLayout = {
  table: 'orders',
  columns: [
    { name: 'change_id', type: 'string' },
    { name: 'op', type: 'string' },
    { name: 'sequence', type: 'string' },
    { name: 'changed_at', type: 'timestamp' },
    { name: 'order_id', type: 'string' },
    { name: 'total', type: 'int64' },
    { name: 'old_image', type: 'string' },
  ],
  ...{ id: 'change_id', order: 'sequence', key: ['order_id'], time: 'changed_at', op: 'op' },
  ...{ ends: ['REMOVE', 'LEAVE'], onlyOfChanges: ['op', 'old_image'] },
};

export const START = Date.parse('2026-11-23T23:50:41Z');
export const HOUR = 3_600_000;

export function row(n: number, orderId: string, op: string, more: Partial<Row> = {}): Row {
  return {
    change_id: `change-${(n * 7919) % 10_007}`,
    op,
    sequence: String(n).padStart(10, '0'),
    changed_at: new Date(START + n * 7_000),
    order_id: orderId,
    total: BigInt(n),
    old_image: op === 'INSERT' ? null : `{"n":${n}}`,
    ...more,
  };
}

/** Orders come, change, leave, go, and come again. */
export function history(picks: readonly (readonly [order: number, op: number])[]): Row[] {
  const ops = ['INSERT', 'MODIFY', 'MODIFY', 'REMOVE', 'LEAVE'];
  return picks.map(([order, op], n) => row(n, `주문 ${order}`, ops[op % ops.length] ?? 'INSERT'));
}

/** What is left of a history: of every order the last state, unless that is an end. */
export function statesOf(rows: readonly Row[]): Row[] {
  const last = new Map<unknown, Row>();
  for (const one of rows) {
    const known = last.get(one.order_id);
    if (!known || String(one.sequence) > String(known.sequence)) last.set(one.order_id, one);
  }
  return [...last.values()]
    .filter(({ op }) => !layout.ends.includes(String(op)))
    .map(({ op: _op, old_image: _old, ...state }) => state);
}

export const byText = (name: string) => (a: Row, b: Row) =>
  String(a[name]) < String(b[name]) ? -1 : 1;

export type Store = ReturnType<typeof memoryLakeObjects>;

export async function load(rows: readonly Row[], { objects }: Pick<Store, 'objects'>, of = layout) {
  const groups = Map.groupBy(rows, ({ changed_at }) => {
    return `changes/table=orders/${objectSlot(MINUTE, changed_at as Date, () => '')}`;
  });
  const lake = { objects, format: parquetFormat, pause: async () => {} };
  for (const [key, some] of groups) await addRows(key, of, some, lake);
}

export function commit(
  { objects }: Pick<Store, 'objects'>,
  now: number,
  settings: Partial<TableSettings> = {},
  of = layout,
) {
  return commitTable({
    store: objects,
    format: parquetFormat,
    layout: of,
    settings: { ...DEFAULT_SETTINGS, settleMs: 0, ...settings },
    now: () => now,
    hasTimeLeft: () => true,
  });
}

export async function manifestsOf(store: Store): Promise<Manifest[]> {
  const versions = store
    .keys()
    .filter((key) => key.startsWith('manifest/'))
    .map((key) => Number(key.slice(-'000000000001.json'.length, -'.json'.length)));
  const quiet = {
    read: async (key: string) => ({ bytes: store.bytes(key), eTag: '' }),
  };
  const read = await Promise.all(versions.map((version) => readManifest(quiet, 'orders', version)));
  return read.filter((manifest) => manifest !== undefined);
}

/** The rows of a version, read without faults; sorted, so that they can be compared. */
export async function rowsAt(store: Store, manifest: Manifest, of = layout) {
  const keys = new Set(store.keys());
  for (const { key } of filesOf(manifest)) if (!keys.has(key)) throw new Error(`no ${key}`);
  const quiet = {
    readRange: async (key: string, start: number, end: number) =>
      store.bytes(key).subarray(start, end),
  };
  const { changes, current } = await readTable(quiet, manifest, of);
  return {
    changes: changes.sort(byText('sequence')),
    current: current.sort(byText('order_id')),
  };
}
