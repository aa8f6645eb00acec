import { expect, test } from 'vitest';
import { funnels } from '../../src/pipelines/activity/funnels.ts';
import { properties } from '../../src/pipelines/activity/properties.ts';
import { retention } from '../../src/pipelines/activity/retention.ts';
import { settle } from '../model/settle.ts';
import { events, expected } from './activity-data.ts';
import { daysOf, namedCounts } from './expected-count.ts';

test.each([1, 7, 23])('activity of six weeks, seed %i, adds up to what is known', (seed) => {
  const data = events(seed, 3000);
  const counted = [properties, retention, funnels].map((one) => daysOf(settle(one, data)));
  const known = expected(data);
  expect(Object.assign({}, ...counted)).toEqual(namedCounts(known));
  // The data must ask something of all of them.
  for (const step of ['view_product', 'add_to_cart', 'begin_checkout', 'purchase'])
    expect(known.some(({ by }) => by.step === step)).toBe(true);
  for (const offset of ['0', '1', '30'])
    expect(known.some(({ by }) => by.day === offset)).toBe(true);
});

test('terms of open properties are those of the distinct events', () => {
  const data = events(3, 2000);
  const searched = new Map<string, Map<string, number>>();
  for (const { tenant, event } of new Map(data.map((one) => [one.event.id, one])).values()) {
    const query = event.data.name === 'searched' && event.data.properties?.query;
    if (typeof query !== 'string') continue;
    const cell = `${tenant} activity.terms 1d ${event.time.slice(0, 10)}T00:00:00Z {"name":"searched","property":"query"}`;
    const terms = searched.get(cell) ?? new Map<string, number>();
    searched.set(cell, terms.set(query, (terms.get(query) ?? 0) + 1));
  }
  const { terms } = settle(properties, data);
  expect(new Map([...terms].filter(([name]) => name.includes('searched')))).toEqual(searched);
  expect(searched.size).toBeGreaterThan(50);
});
