import type { Session } from '@millrace/types';
import { expect, test } from 'vitest';
import { clicks } from '../../src/pipelines/clicks/pipeline.ts';
import { settle } from '../model/settle.ts';
import { events, expected, expectedSessions } from './clicks-data.ts';
import { daysOf, namedCounts } from './expected-count.ts';

test.each([1, 7, 23])('clicks of two weeks, seed %i, add up to what is known', (seed) => {
  const data = events(seed, 2500);
  const settled = settle(clicks, data);
  const known = expectedSessions(data);
  const found = [...settled.states].flatMap(([name, document]) => {
    const [, tenant] = /^(\w+)#sessions#/.exec(name) ?? [];
    if (!tenant) return [];
    const { id, ...session } = document as Session;
    return [{ tenant, ...session }];
  });
  const bySort = (a: object, b: object) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  const keyed = (one: (typeof known)[number]) => ({
    key: `${one.tenant} ${one.visitorId} ${one.startedAt}`,
    ...one,
  });
  expect(found.map(keyed).sort(bySort)).toEqual(known.map(keyed).sort(bySort));
  expect(daysOf(settled)).toEqual(namedCounts(expected(data)));
  // The data must ask something: sessions past midnight, bounces, bots.
  expect(
    known.filter((one) => one.startedAt.slice(0, 10) < one.endedAt.slice(0, 10)).length,
  ).toBeGreaterThan(3);
  expect(known.filter(({ bounce }) => bounce).length).toBeGreaterThan(50);
  expect(expected(data).some(({ metric }) => metric === 'clicks.bots')).toBe(true);
});
