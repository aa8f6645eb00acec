import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PIPELINES } from '../../src/pipelines/index.ts';
import { metrics } from '../../src/pipelines/metrics/pipeline.ts';
import { deliverShard, startEnvironment } from '../model/deliver.ts';
import { shards } from '../model/events.ts';
import { faults, faultyStore } from '../model/faulty-store.ts';
import { memoryAnalyticsStore } from '../model/memory-analytics-store.ts';
import { referenceTotals } from '../model/reference.ts';

const borders = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 20, size: 'max' });

test('counts every event once, whatever is repeated, cut, lost or killed', async () => {
  await fc.assert(
    fc.asyncProperty(shards, borders, faults, async (drawn, sizes, script) => {
      const store = memoryAnalyticsStore();
      const faulty = faultyStore(store, script);
      // Shards run side by side on the same store, as Lambda runs them.
      await Promise.all(
        drawn.map((shard, at) =>
          deliverShard(shard, sizes, {
            pipelines: [metrics],
            store: faulty,
            shardId: `shardId-00000000000${at}`,
          }),
        ),
      );
      expect(await store.totals()).toEqual(referenceTotals(drawn.flat()));
    }),
    { numRuns: 300 },
  );
});

test('counts every event once where invocations that run side by side share an environment', async () => {
  await fc.assert(
    fc.asyncProperty(shards, borders, faults, async (drawn, sizes, script) => {
      const store = memoryAnalyticsStore();
      const delivery = { pipelines: [metrics], store: faultyStore(store, script) };
      const environment = startEnvironment(delivery);
      await Promise.all(
        drawn.map((shard, at) =>
          deliverShard(shard, sizes, {
            ...{ ...delivery, environment },
            shardId: `shardId-00000000000${at}`,
          }),
        ),
      );
      expect(await store.totals()).toEqual(referenceTotals(drawn.flat()));
    }),
    { numRuns: 150 },
  );
});

test('pipelines have names of their own, which are part of their keys', () => {
  const names = PIPELINES.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-z]+$/);
});
