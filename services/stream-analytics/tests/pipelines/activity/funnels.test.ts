import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Incoming } from '../../../src/domain/engine/pipeline.ts';
import { defineFunnels } from '../../../src/pipelines/activity/funnel.ts';
import { funnels } from '../../../src/pipelines/activity/funnels.ts';
import { settle } from '../../model/settle.ts';
import { actions, activity } from './activity-events.ts';

/** `day step` → users. */
function reached(events: readonly Incoming[]): Record<string, number> {
  return Object.fromEntries(
    Object.entries(settle(funnels, events).counts).map(([name, { count }]) => {
      const [, , , start = '', by = ''] = name.split(' ');
      return [`${start.slice(8, 10)} ${(JSON.parse(by) as { step: string }).step}`, count];
    }),
  );
}

describe('a funnel', () => {
  test('counts a user at each step that follows the one before', () => {
    const events = actions(
      'view_product 23T09:00:00',
      'add_to_cart 23T09:00:01',
      'begin_checkout 24T10:00:00',
      'purchase 24T10:05:00',
    );
    expect(reached(events)).toEqual({
      '23 view_product': 1,
      '23 add_to_cart': 1,
      '23 begin_checkout': 1,
      '23 purchase': 1,
    });
  });

  test('wants the steps in the order of event time, to the millisecond', () => {
    expect(reached(actions('add_to_cart 23T09:00:00.001', 'view_product 23T09:00:00.002'))).toEqual(
      { '23 view_product': 1 },
    );
  });

  test('ends a week after entering', () => {
    const entered = 'view_product 16T09:00:00';
    expect(reached(actions(entered, 'add_to_cart 23T09:00:00'))).toHaveProperty('16 add_to_cart');
    expect(reached(actions(entered, 'add_to_cart 23T09:00:00.001'))).toEqual({
      '16 view_product': 1,
    });
  });

  test('takes steps back when an earlier entry arrives late', () => {
    const events = actions('view_product 16T09:00:00', 'add_to_cart 23T09:00:00');
    const earlier = activity('late', '16T08:00:00', { name: 'view_product' });
    expect(reached([...events, earlier])).toEqual({ '16 view_product': 1 });
  });

  test('counts a user once a day of entering, however often a step is taken', () => {
    const many = Array.from({ length: 500 }, (_, at) =>
      activity(
        `m${at}`,
        new Date(Date.parse('2026-11-23T01:00:00Z') + at * 1000).toISOString(),
        {},
      ),
    );
    const bought = actions('add_to_cart 23T20:00:00', 'add_to_cart 24T09:00:00');
    const { states } = settle(funnels, [...many, ...bought]);
    expect(reached([...many, ...bought])).toEqual({ '23 view_product': 1, '23 add_to_cart': 1 });
    expect(Math.max(...[...states.values()].map((one) => JSON.stringify(one).length))).toBeLessThan(
      200,
    );
  });

  test('sees a step that is taken after the seven that are kept', () => {
    const adds = Array.from({ length: 30 }, (_, at) => `add_to_cart 23T09:00:${10 + at}`);
    expect(
      reached(actions(...adds, 'view_product 23T09:00:38', 'begin_checkout 23T10:00:00')),
    ).toEqual({ '23 view_product': 1, '23 add_to_cart': 1, '23 begin_checkout': 1 });
  });

  test('touches nothing for other events', () => {
    expect(settle(funnels, actions('searched 23T09:00:00')).states.size).toBe(0);
  });
});

test('counts and states are the same in any order and with repetitions', () => {
  const action = fc.record({
    name: fc.constantFrom('view_product', 'add_to_cart', 'begin_checkout', 'purchase'),
    user: fc.constantFrom('u1', 'u2', '__proto__'),
    // Around the border of two blocks of 32 days, which is the 11th.
    hour: fc.integer({ min: -12 * 24, max: 12 * 24 }),
  });
  fc.assert(
    fc.property(
      fc.array(action, { minLength: 1, maxLength: 60, size: 'max' }).chain((drawn) => {
        const events = drawn.map(({ name, user, hour }, at) =>
          activity(
            `e${at}`,
            new Date(Date.parse('2026-11-11T00:00:00Z') + hour * 3_600_000).toISOString(),
            { name, userId: user },
          ),
        );
        return fc.record({
          events: fc.constant(events),
          mixed: fc
            .tuple(
              fc.shuffledSubarray(events, { minLength: events.length }),
              fc.array(fc.constantFrom(...events), { maxLength: 5 }),
            )
            .map(([all, again]) => [...all, ...again]),
        });
      }),
      ({ events, mixed }) => {
        const one = settle(funnels, events);
        const other = settle(funnels, mixed);
        expect(other.counts).toEqual(one.counts);
        expect(other.states).toEqual(one.states);
      },
    ),
    { numRuns: 300 },
  );
});

test('a funnel that no transaction could hold is refused where it is declared', () => {
  expect(() => defineFunnels({ one: ['a'] })).toThrow(/2 to 8/);
  expect(() => defineFunnels({ nine: [...'abcdefghi'] })).toThrow(/2 to 8/);
  expect(() => defineFunnels({ twice: ['a', 'b', 'a'] })).toThrow(/one funnel/);
  expect(() => defineFunnels({ a: ['a', 'b'], b: ['b', 'c'] })).toThrow(/one funnel/);
  expect(() => defineFunnels({ 'a#b': ['a', 'b'] })).toThrow(/no name/);
});
