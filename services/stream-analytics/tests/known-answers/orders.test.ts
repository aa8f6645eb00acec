import type { EventOf } from '@millrace/types';
import { describe, expect, test } from 'vitest';
import { memoryAnalyticsStore } from '../model/memory-analytics-store.ts';
import { bookedIn, revenueOf } from '../pipelines/orders/revenue.ts';
import { events, expected } from './orders-data.ts';

describe.each([7, 20_261_124])('1,500 orders of seed %i', (seed) => {
  const given = events(seed, 1_500);
  const answers = expected(given);

  test('give the revenue, units and refunds that a query over the orders gives', async () => {
    const store = memoryAnalyticsStore();
    const book = revenueOf(store);
    for (const { event } of given) await book(event as EventOf<'millrace.order.v1'>);
    expect(bookedIn(await store.cells())).toEqual(
      Object.fromEntries(
        Object.entries(answers)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, { count, sum }]) => [name, `${count} × ${sum}`]),
      ),
    );
  });

  test('hold every kind of life, repetitions and large orders', () => {
    const names = Object.keys(answers).join('\n');
    for (const one of ['refunds', 'KRW', 'EUR', 'USD', 'bulk-99']) expect(names).toContain(one);
    expect(given.length).toBeGreaterThan(new Set(given.map(({ event }) => event.id)).size + 100);
  });
});
