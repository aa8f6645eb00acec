import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deliverShard } from '../model/deliver.ts';
import { shards } from '../model/events.ts';
import { faults, faultyCountStore } from '../model/faulty-count-store.ts';
import { memoryCountStore } from '../model/memory-count-store.ts';
import { referenceTotals } from '../model/reference.ts';

const borders = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 20, size: 'max' });

test('counts every event once, whatever is repeated, cut, lost or killed', async () => {
  await fc.assert(
    fc.asyncProperty(shards, borders, faults, async (drawn, sizes, script) => {
      const store = memoryCountStore();
      const faulty = faultyCountStore(store, script);
      // Shards run side by side on the same store, as Lambda runs them.
      await Promise.all(drawn.map((shard) => deliverShard(shard, sizes, faulty)));
      expect(await store.totals()).toEqual(referenceTotals(drawn.flat()));
    }),
    { numRuns: 300 },
  );
});
