import { addRows, bytesOf, ClosedObjects, type Row, type RowLayout } from '@millrace/lake';
import { parquetFormat } from '@millrace/lake/parquet';
import { type Fault, memoryLakeObjects } from '@millrace/lake/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const KEY = 'events/dt=2026-11-23/0941-0.parquet';
const layout: RowLayout = {
  columns: [
    { name: 'row_id', type: 'string' },
    { name: 'time', type: 'timestamp' },
    { name: 'text', type: 'string' },
  ],
  id: 'row_id',
  order: 'time',
};
const row = (n: number): Row => ({
  row_id: `row-${n}`,
  time: new Date(1_763_890_860_000 + ((n * 7919) % 60_000)),
  text: 'x'.repeat(n % 50),
});
const rows = (size: number) => Array.from({ length: size }, (_, n) => row(n));
/** Objects close when they hold about ten rows. */
const closing = { ...layout, closedAt: bytesOf(rows(10)) };

type Store = ReturnType<typeof memoryLakeObjects>;
const lakeOf = ({ objects }: Store, closed?: ClosedObjects) => ({
  objects,
  format: parquetFormat,
  pause: async () => {},
  ...(closed && { closed }),
});

async function stored(store: Store): Promise<Row[]> {
  const objects = store.keys().map((key) => parquetFormat.decode(layout, store.bytes(key)));
  return (await Promise.all(objects)).flat();
}
const idsOf = (some: readonly Row[]) => some.map(({ row_id }) => row_id).sort();

describe('an object that closes', () => {
  it('goes on in the next, in which every row lies once, under faults and disorder', async () => {
    const all = rows(60);
    const faults = fc.array(
      fc.constantFrom<Fault>('none', 'none', 'none', 'throw-before', 'throw-after', 'arrive-late'),
      { maxLength: 80 },
    );
    const batches = fc.array(fc.subarray(all, { minLength: 1 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(batches, faults, fc.boolean(), async (picked, planned, atOnce) => {
        // As an environment that remembers a few objects, and one that is new.
        const remembering = [new ClosedObjects(25), undefined];
        let next = 0;
        const store = memoryLakeObjects(() => planned[next++] ?? 'none');
        const add = (batch: readonly Row[], nth = 1) =>
          addRows(KEY, closing, batch, lakeOf(store, remembering[nth % 2]));
        if (atOnce) await Promise.allSettled(picked.map(add));
        else for (const [nth, batch] of picked.entries()) await add(batch, nth).catch(() => {});
        store.arrive();
        for (let done = false; !done; ) {
          done = await add(all).then(
            () => true,
            () => false,
          );
        }
        store.arrive();
        next = planned.length;
        await add(all);
        expect(idsOf(await stored(store))).toEqual(idsOf(all));
      }),
      { numRuns: 150 },
    );
  });

  it('keeps each object below its bound and one batch', async () => {
    const store = memoryLakeObjects();
    for (const one of rows(250)) await addRows(KEY, closing, [one], lakeOf(store));
    for (const key of store.keys()) {
      const held = await parquetFormat.decode(layout, store.bytes(key));
      expect(bytesOf(held)).toBeLessThan(closing.closedAt + bytesOf([row(49)]));
    }
    expect(store.keys().length).toBeGreaterThan(20);
    expect(store.keys()).toContain(KEY.replace('.parquet', '.12.parquet'));
  });

  it('leaves one that is open, whatever the batches', async () => {
    const store = memoryLakeObjects();
    for (const one of rows(200)) await addRows(KEY, closing, [one], lakeOf(store));
    const sizes = await Promise.all(
      store
        .keys()
        .map(async (key) => bytesOf(await parquetFormat.decode(layout, store.bytes(key)))),
    );
    expect(sizes.filter((bytes) => bytes < closing.closedAt).length).toBeLessThanOrEqual(1);
  });

  it('is not written again', async () => {
    const store = memoryLakeObjects();
    await addRows(KEY, closing, rows(20), lakeOf(store));
    const before = store.bytes(KEY);
    await addRows(KEY, closing, rows(40), lakeOf(store));
    expect(store.bytes(KEY)).toBe(before);
    expect(idsOf(await stored(store))).toEqual(idsOf(rows(40)));
  });
});

describe('what is remembered of closed objects', () => {
  it('spares reading them', async () => {
    const read: string[] = [];
    const store = memoryLakeObjects();
    const closed = new ClosedObjects();
    const objects = {
      ...store.objects,
      read: (key: string) => {
        read.push(key);
        return store.objects.read(key);
      },
    };
    const lake = { ...lakeOf(store, closed), objects };
    await addRows(KEY, closing, rows(20), lake);
    await addRows(KEY, closing, rows(21), lake);
    await addRows(KEY, closing, rows(22), lake);
    expect(read.filter((key) => key === KEY)).toHaveLength(2);
    expect(idsOf(await stored(store))).toEqual(idsOf(rows(22)));
  });

  it('is bounded: what was not asked for longest is forgotten', () => {
    const closed = new ClosedObjects(5);
    closed.remember('a', new Set(['1', '2']));
    closed.remember('b', new Set(['3', '4']));
    closed.idsOf('a');
    closed.remember('c', new Set(['5', '6']));
    expect(['a', 'b', 'c'].map((key) => closed.idsOf(key)?.size)).toEqual([2, undefined, 2]);
  });
});

it('takes a row once that comes twice in a batch, the first of them', async () => {
  const store = memoryLakeObjects();
  const again = { ...row(1), text: 'said otherwise' };
  await addRows(KEY, layout, [row(1), again, row(2)], lakeOf(store));
  expect(await stored(store)).toEqual([row(1), row(2)]);
});

it('refuses an object that holds something else', async () => {
  const store = memoryLakeObjects();
  await addRows(KEY, { ...layout, id: 'text' }, [{ ...row(1), row_id: null }], lakeOf(store));
  await expect(addRows(KEY, layout, [row(2)], lakeOf(store))).rejects.toThrow(TypeError);
});
