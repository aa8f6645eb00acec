import type { LakeStore } from '@millrace/lake';
import { DEFAULT_SETTINGS } from '@millrace/lake/table';
import { memoryLakeObjects } from '@millrace/lake/testing';
import { expect, it } from 'vitest';
import { removeUnused } from '../../src/table/remove-unused.ts';
import { commit, HOUR, layout, load, manifestsOf, row, rowsAt, START } from './orders.ts';

const LATER = START + 30 * 24 * HOUR;

function tidy(store: LakeStore) {
  const settings = { ...DEFAULT_SETTINGS, settleMs: 0 };
  return removeUnused({ store, layout, settings, now: () => LATER, hasTimeLeft: () => true });
}

it('spares the files of a commit that is on its way', async () => {
  const store = memoryLakeObjects();
  await load([row(0, 'a', 'INSERT')], store);
  await commit(store, START + HOUR);
  await load([row(1, 'a', 'MODIFY')], store);
  const swap: LakeStore['swap'] = async (...args) => {
    await tidy(store.objects);
    return await store.objects.swap(...args);
  };
  const committed = await commit({ objects: { ...store.objects, swap } }, START + HOUR);
  expect(committed.isOvertaken).toBe(false);
  const latest = (await manifestsOf(store)).at(-1);
  if (!latest) throw new Error('There is no commit.');
  expect((await rowsAt(store, latest)).changes).toHaveLength(2);
});

it('leaves an object of the intake that grows at this moment', async () => {
  const store = memoryLakeObjects();
  await load([row(0, 'a', 'INSERT')], store);
  await commit(store, START + HOUR);
  const grow = () => load([row(1, 'a', 'MODIFY')], store);
  await tidy({
    ...store.objects,
    remove: async (key) => {
      if (key.startsWith('changes/')) await grow();
      await store.objects.remove(key);
    },
    removeIf: async (key, eTag) => {
      await grow();
      return await store.objects.removeIf(key, eTag);
    },
  });
  expect(store.keys().filter((key) => key.startsWith('changes/'))).toHaveLength(1);
  await commit(store, LATER);
  const latest = (await manifestsOf(store)).at(-1);
  if (!latest) throw new Error('There is no commit.');
  expect((await rowsAt(store, latest)).changes).toHaveLength(2);
});

it('takes a change once that comes again when its object was removed', async () => {
  const store = memoryLakeObjects();
  await load([row(0, 'a', 'INSERT'), row(1, 'a', 'MODIFY')], store);
  await commit(store, LATER);
  expect(store.keys().filter((key) => key.startsWith('changes/'))).toEqual([]);
  await load([row(1, 'a', 'MODIFY'), row(2, 'a', 'MODIFY')], store);
  await commit(store, LATER);
  const latest = (await manifestsOf(store)).at(-1);
  if (!latest) throw new Error('There is no commit.');
  const { changes, current } = await rowsAt(store, latest);
  expect(changes.map(({ total }) => total)).toEqual([0n, 1n, 2n]);
  expect(current).toMatchObject([{ order_id: 'a', total: 2n }]);
});
