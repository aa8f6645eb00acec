import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deliverShard } from '../model/deliver.ts';
import { distinctEvents } from '../model/events.ts';
import { faults, faultyCountStore } from '../model/faulty-count-store.ts';
import { memoryCountStore } from '../model/memory-count-store.ts';
import { referenceTotals } from '../model/reference.ts';

/** Shards whose records repeat events of their own and of each other, in any order. */
const shards = distinctEvents.chain((events) =>
  fc
    .array(fc.array(fc.constantFrom(...events), { maxLength: 60 }), { minLength: 1, maxLength: 3 })
    .map((drawn) => ({ shards: drawn, sent: drawn.flat() })),
);
const borders = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 20 });

test('counts every event once, whatever is repeated, cut, lost or killed', async () => {
  await fc.assert(
    fc.asyncProperty(shards, borders, faults, async ({ shards, sent }, borders, script) => {
      const store = memoryCountStore();
      const faulty = faultyCountStore(store, script);
      // Shards run side by side on the same store, as Lambda runs them.
      await Promise.all(shards.map((shard) => deliverShard(shard, borders, faulty)));
      expect(await store.totals()).toEqual(referenceTotals(sent));
    }),
    { numRuns: 300 },
  );
});
