import fc from 'fast-check';
import { expect, test } from 'vitest';
import { funnels } from '../../../src/pipelines/activity/funnels.ts';
import { retention } from '../../../src/pipelines/activity/retention.ts';
import { faults } from '../../model/faulty-store.ts';
import { settle } from '../../model/settle.ts';
import { throughEngine } from '../../model/through-engine.ts';
import { activity } from './activity-events.ts';

/** Of few users, around the border of two blocks of a funnel's days: writers that meet. */
const events = fc
  .array(
    fc.record({
      name: fc.constantFrom('view_product', 'add_to_cart', 'begin_checkout', 'purchase'),
      userId: fc.constantFrom('u1', 'u2'),
      hour: fc.integer({ min: -8 * 24, max: 8 * 24 }),
    }),
    { minLength: 2, maxLength: 24, size: 'max' },
  )
  .map((drawn) =>
    drawn.map(({ hour, ...data }, at) => {
      const time = new Date(Date.parse('2026-11-11T00:00:00Z') + hour * 3_600_000).toISOString();
      return activity(`e${at}`, time, data);
    }),
  );

test.each([funnels, retention])(
  '$name is exact where shards write the same user at once',
  async (pipeline) => {
    const ways = fc.record({
      shards: fc.integer({ min: 2, max: 3 }),
      batch: fc.integer({ min: 1, max: 5 }),
      script: faults,
    });
    await fc.assert(
      fc.asyncProperty(events, ways, async (all, way) => {
        const { states, counts } = settle(pipeline, all);
        expect(await throughEngine(pipeline, all, way)).toEqual({ states, counts });
      }),
      { numRuns: 150 },
    );
  },
);

test('the most that an event can change is one transaction: a cohort of 31 days that moves', async () => {
  const active = Array.from({ length: 31 }, (_, at) =>
    activity(`e${at}`, new Date(Date.UTC(2026, 9, 1 + at, 12)).toISOString(), {}),
  );
  const earlier = activity('earlier', '2026-09-30T12:00:00Z', {});
  const all = [...active, earlier];
  const { states, counts } = settle(retention, all);
  expect(Object.keys(counts)).toHaveLength(31);
  const way = { shards: 1, batch: 1, script: [] };
  expect(await throughEngine(retention, all, way)).toEqual({ states, counts });
});
