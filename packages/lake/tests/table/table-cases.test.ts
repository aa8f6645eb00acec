import { LakeSchemaError, type Row } from '@millrace/lake';
import { memoryLakeObjects, queryLake } from '@millrace/lake/testing';
import { describe, expect, it } from 'vitest';
import {
  byText,
  commit,
  HOUR,
  layout,
  load,
  manifestsOf,
  row,
  rowsAt,
  START,
  type Store,
} from './orders.ts';

const DAY = 24 * HOUR;

async function latestOf(store: Store) {
  const latest = (await manifestsOf(store)).at(-1);
  if (!latest) throw new Error('There is no commit.');
  return latest;
}

async function currentOf(store: Store): Promise<Row[]> {
  return (await rowsAt(store, await latestOf(store))).current;
}

describe('the current state', () => {
  it('does not come back by a change that is older than its end', async () => {
    const store = memoryLakeObjects();
    await load([row(0, 'a', 'INSERT'), row(2, 'a', 'REMOVE'), row(3, 'b', 'INSERT')], store);
    await commit(store, START + DAY);
    await load([row(1, 'a', 'MODIFY')], store);
    await commit(store, START + DAY);
    expect(await currentOf(store)).toMatchObject([{ order_id: 'b' }]);
    await load([row(4, 'a', 'INSERT')], store);
    await commit(store, START + DAY);
    expect(await currentOf(store)).toMatchObject([{ order_id: 'a', total: 4n }, { order_id: 'b' }]);
  });

  it('forgets ends after the time that they are kept', async () => {
    const store = memoryLakeObjects();
    await load([row(0, 'a', 'INSERT'), row(1, 'a', 'REMOVE')], store);
    await commit(store, START + DAY);
    expect((await latestOf(store)).current[0]?.removed).toMatchObject({ rows: 1 });
    await load([row(2, 'b', 'INSERT')], store);
    await commit(store, START + DAY, { removedKeptMs: HOUR });
    expect((await latestOf(store)).current[0]?.removed).toBeUndefined();
    expect(await currentOf(store)).toMatchObject([{ order_id: 'b' }]);
  });

  it('writes only the segments again in which something changed', async () => {
    const store = memoryLakeObjects();
    const many = Array.from({ length: 300 }, (_, n) => row(n, `o-${1000 + n}`, 'INSERT'));
    const small = { targetBytes: 2_000 };
    await load(many, store);
    await commit(store, START + DAY, small);
    const before = (await latestOf(store)).current;
    expect(before.length).toBeGreaterThan(3);
    await load([row(400, 'o-1000', 'MODIFY')], store);
    await commit(store, START + DAY, small);
    const after = (await latestOf(store)).current;
    expect(
      after.filter((segment) => !before.some(({ live }) => live?.key === segment.live?.key)),
    ).toHaveLength(1);
    expect(await currentOf(store)).toHaveLength(300);
  });
});

describe('files of changes', () => {
  it('are joined: few, of the size that is wanted, in order', async () => {
    const store = memoryLakeObjects();
    for (let n = 0; n < 400; n += 4) {
      const some = [0, 1, 2, 3].map((k) =>
        row(n + k, `o-${(n + k) % 9}`, 'MODIFY', {
          old_image: `${Math.sin(n + k)}${Math.cos(n + k)}`.repeat(9),
        }),
      );
      await load(some, store);
      await commit(store, START + HOUR, { targetBytes: 20_000 });
    }
    await commit(store, START + 3 * DAY, { targetBytes: 20_000 });
    const { changes } = await latestOf(store);
    for (const [nth, file] of changes.entries()) {
      const next = changes[nth + 1];
      if (next?.day === file.day) {
        expect(file.to < next.from).toBe(true);
        expect(Math.max(file.bytes, next.bytes)).toBeGreaterThan(10_000);
      }
    }
    expect(changes.length).toBeLessThan(9);
    expect(changes.reduce((sum, { rows }) => sum + rows, 0)).toBe(400);
  });

  it('are written a few times each, not at every commit', async () => {
    const store = memoryLakeObjects();
    const minutes = 120;
    for (let n = 0; n < minutes; n += 1) {
      const changed_at = new Date(Date.parse('2026-11-24T08:00:00Z') + n * 60_000);
      const some = Array.from({ length: 40 }, (_, k) =>
        row(n * 40 + k, `o-${k}`, 'MODIFY', {
          changed_at,
          change_id: `c-${n}-${k}`,
          old_image: `${Math.sin(n * 40 + k)}`,
        }),
      );
      await load(some, store);
      await commit(store, Date.parse('2026-11-24T12:00:00Z'));
    }
    const files = new Map(
      (await manifestsOf(store)).flatMap(({ changes }) =>
        changes.map(({ key, rows }) => [key, rows]),
      ),
    );
    const written = [...files.values()].reduce((sum, rows) => sum + rows, 0);
    expect(written / (minutes * 40)).toBeLessThan(4);
  });

  it('of days that are not kept are dropped, and removed after the grace period', async () => {
    const store = memoryLakeObjects();
    await load([row(0, 'old', 'INSERT'), row(20_000, 'new', 'INSERT')], store);
    const now = START + 2 * DAY;
    await commit(store, now);
    const [first] = (await latestOf(store)).changes;
    await commit(store, now + HOUR, { keepDays: 1 });
    const kept = await rowsAt(store, await latestOf(store));
    expect(kept.changes).toMatchObject([{ order_id: 'new' }]);
    expect(kept.current.map(({ order_id }) => order_id)).toEqual(['new', 'old']);
    expect(store.keys()).toContain(first?.key);
    await commit(store, now + 2 * HOUR, { keepDays: 1, graceMs: HOUR / 2 });
    expect(store.keys()).not.toContain(first?.key);
  });
});

it('who commits on a base that is long gone has not won, though its version is free', async () => {
  const store = memoryLakeObjects();
  await load([row(0, 'a', 'INSERT')], store);
  await commit(store, START + DAY);
  // Reads what there is, then sleeps until its version was used, followed and removed.
  let wake: () => void = () => {};
  const asleep = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const sleeper = {
    objects: {
      ...store.objects,
      swap: async (...args: Parameters<typeof store.objects.swap>) => {
        await asleep;
        return await store.objects.swap(...args);
      },
    },
  };
  await load([row(1, 'a', 'MODIFY')], store);
  const late = commit(sleeper, START + DAY);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await commit(store, START + DAY);
  await load([row(2, 'a', 'MODIFY')], store);
  await commit(store, START + 2 * DAY, { graceMs: HOUR });
  await commit(store, START + 3 * DAY, { graceMs: HOUR });
  expect((await manifestsOf(store)).map(({ version }) => version > 2)).toEqual([true]);
  wake();
  expect(await late).toMatchObject({ commits: 0, isOvertaken: true });
  expect(await currentOf(store)).toMatchObject([{ order_id: 'a', total: 2n }]);
});

describe('columns', () => {
  const without = (name: string) => ({
    ...layout,
    columns: layout.columns.filter((column) => column.name !== name),
  });
  const typed = (type: 'double' | 'string' | 'int64') => ({
    ...layout,
    columns: layout.columns.map((column) =>
      column.name === 'total' ? { ...column, type } : column,
    ),
  });
  const leave = ({ total: _total, ...rest }: Row) => rest as Row;

  it('that are added or removed are null where they were not', async () => {
    const store = memoryLakeObjects();
    await load([leave(row(0, 'a', 'INSERT'))], store, without('total'));
    await commit(store, START + DAY, {}, without('total'));
    await load([row(1, 'b', 'INSERT')], store);
    await commit(store, START + DAY);
    await load([leave(row(2, 'c', 'INSERT'))], store, without('total'));
    await commit(store, START + 3 * DAY, {}, without('total'));
    const { changes, current } = await rowsAt(store, await latestOf(store));
    expect(changes.map(({ total }) => total)).toEqual([null, 1n, null]);
    expect(current.map(({ total }) => total)).toEqual([null, 1n, null]);
    expect((await latestOf(store)).changes).toHaveLength(1);
  });

  it('that a new version of the pipeline does not have stay in an object that it adds to', async () => {
    const store = memoryLakeObjects();
    await load([row(0, 'a', 'INSERT')], store);
    await load([leave(row(1, 'b', 'INSERT'))], store, without('total'));
    await commit(store, START + DAY, {}, without('total'));
    const { changes } = await rowsAt(store, await latestOf(store));
    expect(changes.map(({ total }) => total)).toEqual([0n, null]);
  });

  it('of whole numbers may become doubles; then all files are doubles', async () => {
    const store = memoryLakeObjects();
    await load([row(0, 'a', 'INSERT')], store);
    await commit(store, START + DAY);
    await load(
      [row(1, 'a', 'MODIFY', { total: 1.5 }), row(30, 'b', 'INSERT', { total: 2.5 })],
      store,
      typed('double'),
    );
    await commit(store, START + DAY, {}, typed('double'));
    const latest = await latestOf(store);
    expect(latest.columns).toContainEqual({ name: 'total', type: 'double' });
    const rows = await queryLake(
      latest.changes.map(({ key }) => store.bytes(key)),
      `SELECT total, typeof(total) AS type FROM lake ORDER BY sequence`,
    );
    expect(rows).toEqual([0, 1.5, 2.5].map((total) => ({ total, type: 'DOUBLE' })));
    // Rows of an older function that still runs.
    await load([row(60, 'c', 'INSERT')], store);
    await commit(store, START + DAY, {}, typed('double'));
    expect((await currentOf(store)).map(({ total }) => total)).toEqual([1.5, 2.5, 60]);
  });

  it('that no double holds exactly are refused, with their name; nothing is lost', async () => {
    const store = memoryLakeObjects();
    await load([row(0, 'a', 'INSERT', { total: 9_007_199_254_740_993n })], store);
    const refused = commit(store, START + DAY, {}, typed('double'));
    await expect(refused).rejects.toThrow(/Column total .*no double holds exactly/);
    await commit(store, START + DAY);
    expect(await currentOf(store)).toMatchObject([{ total: 9_007_199_254_740_993n }]);
  });

  it('that became another type are refused, with their name, by who adds and by who commits', async () => {
    const store = memoryLakeObjects();
    await load([row(0, 'a', 'INSERT')], store);
    await expect(
      load([row(1, 'a', 'MODIFY', { total: 'two' })], store, typed('string')),
    ).rejects.toThrow(LakeSchemaError);
    await load([row(60, 'a', 'MODIFY', { total: 'two' })], store, typed('string'));
    await expect(commit(store, START + DAY)).rejects.toMatchObject({
      ...{ code: 'lake_schema_conflict', column: 'total' },
      message:
        'Column total of the lake is int64 here and string there: a column of another type needs another name. Met in changes/table=orders/dt=2026-11-23/2357-0.parquet.',
    });
    expect(await manifestsOf(store)).toEqual([]);
  });
});

it('DuckDB reads what a table is', async () => {
  const store = memoryLakeObjects();
  const all = Array.from({ length: 200 }, (_, n) =>
    row(n, `o-${n % 7}`, n % 5 === 4 ? 'REMOVE' : 'MODIFY'),
  );
  await load(all, store);
  await commit(store, START + DAY, { targetBytes: 3_000 });
  const { changes, current } = await latestOf(store);
  const ids = await queryLake(
    changes.map(({ key }) => store.bytes(key)),
    'SELECT change_id FROM lake ORDER BY sequence',
  );
  expect(ids).toEqual(all.map(({ change_id }) => ({ change_id })));
  const live = current.flatMap((segment) => (segment.live ? [store.bytes(segment.live.key)] : []));
  const states = await queryLake(live, 'SELECT order_id, total FROM lake ORDER BY order_id');
  const expected = (await currentOf(store)).sort(byText('order_id'));
  expect(states).toEqual(
    expected.map(({ order_id, total }) => ({ order_id, total: String(total) })),
  );
});
