import type { MetricItem } from '@millrace/types';
import { describe, expect, it } from 'vitest';
import { readFunnel } from '../../src/domain/activity/read-funnel.ts';
import { readRetention } from '../../src/domain/activity/read-retention.ts';
import { memoryMetricStore, metricItem } from '../support/metric-items.ts';

const days = { from: '2026-11-16T09:00:00Z', to: '2026-11-17T09:00:00Z' };
const at = (day: string) => ({ window: '1d' as const, start: `2026-11-${day}T00:00:00Z` });

describe('a funnel', () => {
  const step = (day: string, name: string, count: number, more: object = {}) =>
    metricItem({
      ...{ metric: 'activity.funnel', by: { funnel: 'checkout', step: name }, count },
      ...at(day),
      ...more,
    });
  const items = [
    step('15', 'view_product', 100),
    step('16', 'view_product', 3),
    step('16', 'view_product', -1, { writer: '1' }),
    step('17', 'view_product', 2),
    step('16', 'add_to_cart', 2),
    step('17', 'add_to_cart', 1),
    step('17', 'purchase', 9, { by: { funnel: 'another', step: 'purchase' } }),
    step('18', 'view_product', 100),
    step('16', 'view_product', 100, { tenant: 'other' }),
  ];
  const read = (all: readonly MetricItem[], name = 'checkout') =>
    readFunnel(memoryMetricStore(all), 'acme', name, days);

  it('tells how far those came who entered on the days of the range', async () => {
    expect(await read(items)).toEqual({
      from: '2026-11-16T00:00:00Z',
      to: '2026-11-18T00:00:00Z',
      steps: [
        { step: 'view_product', users: 4 },
        { step: 'add_to_cart', users: 3, fromBefore: 0.75, fromFirst: 0.75 },
        { step: 'begin_checkout', users: 0, fromBefore: 0, fromFirst: 0 },
        { step: 'purchase', users: 0, fromFirst: 0 },
      ],
    });
  });
  it('that nobody entered has no shares', async () => {
    const { steps } = await read([]);
    expect(steps.map(({ users, fromFirst }) => [users, fromFirst])).toEqual(
      Array(4).fill([0, undefined]),
    );
  });
  it.each(['constructor', 'buy'])('that is none is refused: %s', async (name) => {
    await expect(read(items, name)).rejects.toMatchObject({ code: 'funnel_not_found' });
  });
});

describe('retention', () => {
  const active = (cohort: string, day: number, count: number, more: object = {}) =>
    metricItem({
      ...{ metric: 'activity.retention', count, ...at(cohort) },
      by: { cohort: `2026-11-${cohort}`, day: String(day) },
      ...more,
    });
  const read = (items: readonly MetricItem[], now: string, to = days.to) =>
    readRetention(memoryMetricStore(items), 'acme', { ...days, to }, Date.parse(now));

  it('tells of each cohort how many came back, day by day until today', async () => {
    const items = [
      active('15', 0, 50),
      active('16', 0, 3),
      active('16', 0, 1, { writer: '1' }),
      active('16', 1, 2),
      active('16', 3, 1),
      active('17', 0, 1),
      active('16', 0, 99, { tenant: 'other' }),
    ];
    expect(await read(items, '2026-11-18T23:00:00Z')).toEqual({
      from: '2026-11-16T00:00:00Z',
      to: '2026-11-18T00:00:00Z',
      cohorts: [
        {
          cohort: '2026-11-16',
          users: 4,
          days: [
            { day: 0, users: 4, share: 1 },
            { day: 1, users: 2, share: 0.5 },
            { day: 2, users: 0, share: 0 },
          ],
        },
        {
          cohort: '2026-11-17',
          users: 1,
          days: [
            { day: 0, users: 1, share: 1 },
            { day: 1, users: 0, share: 0 },
          ],
        },
      ],
    });
  });
  it('ends with the thirtieth day, and begins today for those of tomorrow', async () => {
    const items = [active('16', 0, 1), active('16', 30, 1)];
    const lastOf = async (now: string) => (await read(items, now)).cohorts[0]?.days.at(-1);
    expect(await lastOf('2027-06-01T00:00:00Z')).toEqual({ day: 30, users: 1, share: 1 });
    expect(await lastOf('2026-11-15T12:00:00Z')).toEqual({ day: 0, users: 1, share: 1 });
  });
  it('does not tell a cohort that all its users have left for an earlier one', async () => {
    const items = [active('16', 0, 1), active('16', 0, -1, { writer: '1' })];
    expect((await read(items, days.to)).cohorts).toEqual([]);
  });
});
