import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Incoming } from '../../../src/domain/engine/pipeline.ts';
import { retention } from '../../../src/pipelines/activity/retention.ts';
import { settle } from '../../model/settle.ts';
import { activity } from './activity-events.ts';

const DAY = 86_400_000;
const BASE = Date.parse('2026-11-01T12:00:00Z');
const on = (id: string, day: number, userId = 'u1') =>
  activity(id, new Date(BASE + day * DAY).toISOString(), { userId });

/** `cohort+offset` → users. */
function retained(events: readonly Incoming[]): Record<string, number> {
  return Object.fromEntries(
    Object.entries(settle(retention, events).counts).map(([name, { count }]) => {
      const { cohort, day } = JSON.parse(name.split(' ')[4] ?? '') as Record<string, string>;
      return [`${cohort}+${day}`, count];
    }),
  );
}

test('a user belongs to the day that was the first', () => {
  expect(retained([on('1', 0), on('2', 0), on('3', 1), on('4', 30), on('5', 31)])).toEqual({
    '2026-11-01+0': 1,
    '2026-11-01+1': 1,
    '2026-11-01+30': 1,
  });
});

test('an earlier day that arrives late moves the user to another cohort', () => {
  expect(retained([on('1', 10), on('2', 12), on('3', 40), on('4', 9)])).toEqual({
    '2026-11-10+0': 1,
    '2026-11-10+1': 1,
    '2026-11-10+3': 1,
  });
  expect(retained([on('1', 100), on('2', 101), on('3', 0)])).toEqual({ '2026-11-01+0': 1 });
});

test('an active day more writes nothing', () => {
  const { states } = settle(retention, [on('1', 0), on('2', 0), on('3', 60)]);
  expect([...states]).toEqual([['acme#user#u1 -', { first: 20758, active: 1 }]]);
});

test('cohorts are those of the set of events, in any order and with repetitions', () => {
  const seen = fc.record({
    user: fc.constantFrom('u1', 'u2', 'constructor'),
    day: fc.integer({ min: -40, max: 40 }),
  });
  fc.assert(
    fc.property(fc.array(seen, { minLength: 1, maxLength: 40, size: 'max' }), (drawn) => {
      const events = drawn.map(({ user, day }, at) => on(`e${at}`, day, user));
      const known: Record<string, number> = {};
      for (const user of new Set(drawn.map((one) => one.user))) {
        const days = new Set(drawn.filter((one) => one.user === user).map(({ day }) => day));
        const first = Math.min(...days);
        const cohort = new Date(BASE + first * DAY).toISOString().slice(0, 10);
        for (const day of days) {
          const key = `${cohort}+${day - first}`;
          if (day - first <= 30) known[key] = (known[key] ?? 0) + 1;
        }
      }
      // As drawn (any order already), and all of it once more.
      expect(retained(events)).toEqual(known);
      expect(retained([...events, ...events])).toEqual(known);
    }),
    { numRuns: 300 },
  );
});
