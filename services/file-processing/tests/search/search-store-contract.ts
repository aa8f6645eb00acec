import type { Manifest, SearchStore } from '@millrace/search-index';
import { describe, expect, it } from 'vitest';

/** What the domain relies on; held by the memory of the tests and by the table. */
export function searchStoreContract(store: () => SearchStore) {
  let count = 0;
  const newFile = () => ({ tenant: 'acme', fileId: `contract-${++count}`, name: 'n' });
  const manifest = (sequencer: string, id: string): Manifest => ({
    ...{ id, sequencer, tokens: ['term-a', 'term-b'], passages: 1, isTruncated: false },
  });

  describe('manifests', () => {
    it('are of all versions or of one, and never of another file', async () => {
      const file = newFile();
      const all = [manifest('0A', '1'), manifest('0A', '2'), manifest('0A5', '1')];
      await store().announce(file, all);
      await store().announce({ ...file, fileId: `${file.fileId}5` }, [manifest('0A', '3')]);
      await store().announce({ ...file, tenant: 'acme2' }, [manifest('0A', '4')]);
      const found = await store().manifests(file);
      const sorted = found.toSorted((one, other) =>
        `${one.sequencer}#${one.id}` < `${other.sequencer}#${other.id}` ? -1 : 1,
      );
      expect(sorted).toEqual(all.map((one) => ({ ...one, isFinished: false })));
      expect(await store().manifests(file, '0A')).toHaveLength(2);
      expect(await store().manifests(file, '0')).toEqual([]);
      expect(await store().manifests(newFile())).toEqual([]);
    });

    it('are finished where all of them are there and none expires', async () => {
      const file = newFile();
      const [one, other] = [manifest('0A', '1'), manifest('0A', '2')];
      await store().announce(file, [one, other]);
      expect(await store().finish(file, [one, other])).toBe(true);
      expect((await store().manifests(file)).every(({ isFinished }) => isFinished)).toBe(true);
      await store().expire(file, [one]);
      expect(await store().finish(file, [one, other])).toBe(false);
      await store().announce(file, [one]);
      expect(await store().finish(file, [one, other])).toBe(true);
      await store().forget(file, [other]);
      expect(await store().finish(file, [one, other])).toBe(false);
      expect((await store().manifests(file)).map(({ id }) => id)).toEqual(['1']);
    });

    it('that expire are still there, unfinished; those that are forgotten do not come back', async () => {
      const file = newFile();
      const [one, other] = [manifest('0A', '1'), manifest('0A', '2')];
      await store().announce(file, [one, other]);
      await store().finish(file, [one, other]);
      await store().forget(file, [other]);
      await store().expire(file, [one, other]);
      expect(await store().manifests(file)).toEqual([{ ...one, isFinished: false }]);
    });
  });

  describe('entries', () => {
    it('can be written and erased any number of times, also where there are none', async () => {
      const file = newFile();
      const entries = {
        postings: new Map([['term-a', { frequency: 1, length: 1, at: 0 }]]),
        passages: ['a'],
        isTruncated: false,
      };
      for (const _time of [1, 2]) await store().write(file, '0A', entries);
      for (const _time of [1, 2]) {
        await store().erase(file, '0A', { tokens: ['term-a', 'term-z'], passages: [0, 7] });
      }
      await store().write(file, '0A', { postings: new Map(), passages: [], isTruncated: false });
      await store().erase(file, '0A', { tokens: [], passages: [] });
    });
  });
}
