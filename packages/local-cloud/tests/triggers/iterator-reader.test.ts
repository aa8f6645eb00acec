import { expect, it } from 'vitest';
import { openIteratorReader } from '../../src/triggers/streams/iterator-reader.ts';
import type { ShardPosition } from '../../src/triggers/streams/shard-source.ts';
import { makeRecords, sequences } from './records.ts';

it('reads on with a new iterator when the old one expired: that is not the end of the shard', async () => {
  const asked: ShardPosition[] = [];
  const pages = [makeRecords(3).slice(0, 2), makeRecords(3).slice(2)];
  const reader = openIteratorReader({
    position: { kind: 'trim-horizon' },
    async iterator(from) {
      asked.push(from);
      return `iterator ${asked.length}`;
    },
    async records(iterator) {
      if (iterator === 'kept too long') {
        throw Object.assign(new Error('Iterator expired.'), { name: 'ExpiredIteratorException' });
      }
      return { records: pages.shift() ?? [], next: 'kept too long' };
    },
  });
  expect(sequences((await reader.read(10)).records)).toEqual([1, 2]);
  expect(sequences((await reader.read(10)).records)).toEqual([3]);
  expect(asked).toEqual([{ kind: 'trim-horizon' }, { kind: 'after', sequenceNumber: '2' }]);
});

it('does not ask for iterators without end where each is expired at once', async () => {
  let asked = 0;
  const reader = openIteratorReader({
    position: { kind: 'trim-horizon' },
    iterator: async () => `iterator ${asked++}`,
    async records() {
      throw Object.assign(new Error('Iterator expired.'), { name: 'ExpiredIteratorException' });
    },
  });
  await expect(reader.read(10)).rejects.toThrow('Iterator expired');
  expect(asked).toBe(2);
});

it('asks for as many records as 10 MB hold, going by those before', async () => {
  const large = makeRecords(100, { bytes: 1_000_000 });
  const asked: number[] = [];
  const reader = openIteratorReader({
    position: { kind: 'trim-horizon' },
    iterator: async () => 'iterator',
    async records(_iterator, limit) {
      asked.push(limit);
      return { records: asked.length === 1 ? large : makeRecords(2), next: 'iterator' };
    },
  });
  for (let page = 0; page < 3; page += 1) await reader.read(10_000);
  expect(asked).toEqual([100, 10, 10_000]);
});
