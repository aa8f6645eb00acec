import { type Interval, type MetricItem, type MetricWindow, windowStart } from '@millrace/types';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDecimal } from '../../src/domain/metrics/decimal.ts';
import { INTERVAL_FORMS } from '../../src/domain/metrics/interval.ts';
import { metricLimitsOf } from '../../src/domain/metrics/limits.ts';
import { metricRangeOf } from '../../src/domain/metrics/metric-range.ts';
import { readMetric } from '../../src/domain/metrics/read-metric.ts';
import type { Tally } from '../../src/domain/metrics/tally.ts';
import { memoryMetricStore, metricItem } from '../support/metric-items.ts';

const day = { from: '2026-11-23T00:00:00Z', to: '2026-11-24T00:00:00Z', interval: '1h' as const };

describe('the range of a metric', () => {
  it('is widened to whole minutes in UTC', () => {
    const asked = {
      from: '2026-11-23T09:00:30.5+09:00',
      to: '2026-11-23T01:02:00.001Z',
      interval: '1m' as const,
    };
    expect(metricRangeOf('click', asked)).toMatchObject({
      from: '2026-11-23T00:00:00Z',
      to: '2026-11-23T01:03:00Z',
    });
  });
  it('is widened to the shortest windows that the metric keeps, whatever the interval', () => {
    const asked = { from: '2026-11-23T09:30:00Z', to: '2026-11-23T10:30:00Z' };
    expect(metricRangeOf('clicks.pages', { ...asked, interval: '1d' })).toMatchObject({
      from: '2026-11-23T09:00:00Z',
      to: '2026-11-23T11:00:00Z',
    });
    expect(metricRangeOf('activity.users', asked)).toMatchObject({ ...day, interval: '1d' });
  });
  it('is read in the longest windows of the interval that lie in it, and shorter ones around them', () => {
    const asked = { from: '2026-11-22T22:59:00Z', to: '2026-11-24T01:01:00Z' };
    const parts = (interval: Interval) =>
      metricRangeOf('click', { ...asked, interval }).parts.map(
        ({ window, from, to }) => `${window} ${from.slice(8, 16)} ${to.slice(8, 16)}`,
      );
    expect(parts('1m')).toEqual(['1m 22T22:59 24T01:01']);
    expect(parts('1h')).toEqual([
      '1m 22T22:59 22T23:00',
      '1h 22T23:00 24T01:00',
      '1m 24T01:00 24T01:01',
    ]);
    const days = [
      '1m 22T22:59 22T23:00',
      '1h 22T23:00 23T00:00',
      '1d 23T00:00 24T00:00',
      '1h 24T00:00 24T01:00',
      '1m 24T01:00 24T01:01',
    ];
    expect([parts('1d'), parts('1mo')]).toEqual([days, days]);
  });
  it.each([
    ['nothing', day, 'metric_not_found'],
    ['__proto__', day, 'metric_not_found'],
    ['order', { ...day, groupBy: 'customer' }, 'unknown_dimension'],
    ['order', { ...day, groupBy: 'currency,tenant' }, 'unknown_dimension'],
    ['order', { ...day, to: day.from }, 'invalid_request'],
    [
      'order',
      { ...day, from: '9999-12-31T00:00:00Z', to: '9999-12-31T23:59:30Z' },
      'invalid_request',
    ],
    [
      'order',
      { ...day, from: '0000-01-01T00:00:00+10:00', to: '0000-01-02T00:00:00Z' },
      'invalid_request',
    ],
    ['order', { ...day, interval: '1m', to: '2026-12-25T00:00:00Z' }, 'metric_range_too_wide'],
    ['order', { ...day, to: '2027-12-29T00:00:00Z' }, 'metric_range_too_wide'],
    ['order', { ...day, interval: '1w', to: '2037-11-08T00:00:00Z' }, 'metric_range_too_wide'],
    ['telemetry', { ...day, interval: '1d', to: '2026-12-25T00:00:00Z' }, 'metric_range_too_wide'],
    ['clicks.pages', { ...day, interval: '1m' }, 'metric_interval_too_short'],
    ['activity.users', day, 'metric_interval_too_short'],
  ] as const)('of %s with %j is refused as %s', (name, query, code) => {
    expect(() => metricRangeOf(name, query)).toThrow(expect.objectContaining({ code }));
  });
  it('names the dimensions and the intervals that there are', () => {
    expect(() => metricRangeOf('order', { ...day, groupBy: 'x' })).toThrow(/currency, status/);
    expect(() => metricRangeOf('activity.users', day)).toThrow(/an interval of 1d or longer/);
  });
});

it.each([
  ['1w', '2026-11-23T00:00:00Z', '2026-11-23T00:00:00Z'],
  ['1w', '2026-11-29T23:59:00Z', '2026-11-23T00:00:00Z'],
  ['1w', '1969-12-28T10:00:00Z', '1969-12-22T00:00:00Z'],
  ['1w', '2027-01-01T00:00:00Z', '2026-12-28T00:00:00Z'],
  ['1mo', '2026-11-30T23:59:00Z', '2026-11-01T00:00:00Z'],
] as const)('the interval %s of %s begins at %s', (interval, time, start) => {
  expect(INTERVAL_FORMS[interval](time)).toBe(start);
});

interface Seen {
  readonly minute: number;
  readonly currency: string;
  readonly writer: string;
  readonly hundredths: number;
  readonly member: string;
}

const START = Date.parse('2026-11-29T00:00:00Z');
const timeOf = (minute: number) => new Date(START + minute * 60_000).toISOString();
const MINUTES = 4 * 1440;

/** What the writers store of it, in each window. */
function itemsOf(all: readonly Seen[]): MetricItem[] {
  return (['1m', '1h', '1d'] satisfies MetricWindow[]).flatMap((window) => {
    const cells = Map.groupBy(all, ({ minute, currency, writer }) =>
      JSON.stringify([windowStart(timeOf(minute), window), currency, writer]),
    );
    return [...cells].map(([key, seen]) => {
      const [start, currency, writer] = JSON.parse(key);
      return metricItem({
        ...{ metric: 'order', window, start, by: { currency, status: 'paid' }, writer },
        count: seen.length,
        sum: sumOf(seen),
        values: seen.map(({ hundredths }) => hundredths / 100),
        members: seen.map(({ member }) => member),
        terms: seen.map(({ member }) => member),
      });
    });
  });
}

const sumOf = (seen: readonly Seen[]) =>
  formatDecimal({ units: BigInt(seen.reduce((sum, one) => sum + one.hundredths, 0)), scale: 2 });

function told({ count, sum, min, max, quantiles, distinct, top }: Tally) {
  return {
    ...{ count, sum: formatDecimal(sum), min, max, middles: quantiles?.count },
    distinct: distinct?.estimate(),
    top: top?.top(100),
  };
}

/** The same from what was seen, without any sketch. */
function expected(seen: readonly Seen[]) {
  const values = seen.map(({ hundredths }) => hundredths / 100);
  const members = [...Map.groupBy(seen, ({ member }) => member)];
  return {
    ...{ count: seen.length, sum: sumOf(seen), middles: seen.length, distinct: members.length },
    ...{ min: Math.min(...values), max: Math.max(...values) },
    top: members
      .map(([term, { length }]) => ({ term, count: length, error: 0 }))
      .sort((one, other) => other.count - one.count || (one.term < other.term ? -1 : 1)),
  };
}

describe('reading a metric', () => {
  const seen = fc.record({
    minute: fc.nat(MINUTES - 1),
    currency: fc.constantFrom('EUR', 'KRW'),
    writer: fc.constantFrom('0', '1'),
    hundredths: fc.integer({ min: -1_000_000, max: 1_000_000 }),
    member: fc.constantFrom('a', 'b', 'c', 'd'),
  });
  const range = fc
    .tuple(fc.nat(MINUTES - 1), fc.nat(MINUTES - 1))
    .map(([one, other]) => [Math.min(one, other), Math.max(one, other) + 1] as const);

  it('tells of any range and interval what was seen in it, by group, of each point and in all', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(seen, { maxLength: 60 }),
        range,
        fc.constantFrom<Interval>('1m', '1h', '1d', '1w', '1mo'),
        fc.boolean(),
        async (all, [from, to], interval, isGrouped) => {
          const query = { from: timeOf(from), to: timeOf(to), interval };
          const asked = metricRangeOf('order', {
            ...query,
            ...(isGrouped && { groupBy: 'currency' }),
          });
          const reading = await readMetric(memoryMetricStore(itemsOf(all)), 'acme', asked);
          const inRange = all.filter(({ minute }) => minute >= from && minute < to);
          const groups = Map.groupBy(inRange, ({ currency }): string =>
            isGrouped ? currency : '',
          );
          expect(reading.series.map(({ group }) => group.currency ?? '')).toEqual(
            [...groups.keys()].sort(),
          );
          for (const { group, total, points } of reading.series) {
            const ofGroup = groups.get(group.currency ?? '') ?? [];
            expect(told(total)).toEqual(expected(ofGroup));
            const intervals = Map.groupBy(ofGroup, ({ minute }) =>
              INTERVAL_FORMS[interval](windowStart(timeOf(minute), '1m')),
            );
            expect([...points.keys()]).toEqual([...intervals.keys()].sort());
            for (const [time, tally] of points) {
              expect(told(tally)).toEqual(expected(intervals.get(time) ?? []));
            }
          }
          if (inRange.length > 0) expect(told(reading.total)).toEqual(expected(inRange));
          else expect(reading).toMatchObject({ total: { count: 0 }, series: [] });
        },
      ),
      { numRuns: 200 },
    );
  });

  it('tells quantiles of all writers and intervals to 1 %', async () => {
    const values = Array.from({ length: 1_000 }, (_, nth) => nth + 1);
    const items = ['2026-11-23', '2026-11-24'].flatMap((date, odd) =>
      ['0', '1'].map((writer, upper) =>
        metricItem({
          ...{ metric: 'order', window: '1d', start: `${date}T00:00:00Z`, writer, count: 250 },
          values: values.filter((value) => value % 2 === odd && value > 500 === (upper === 1)),
        }),
      ),
    );
    const asked = metricRangeOf('order', { ...day, to: '2026-11-25T00:00:00Z', interval: '1d' });
    const { total } = await readMetric(memoryMetricStore(items), 'acme', asked);
    for (const [q, value] of [
      [0.5, 500],
      [0.95, 950],
      [0.99, 990],
    ] as const) {
      expect(Math.abs((total.quantiles?.quantile(q) ?? 0) - value)).toBeLessThan(value * 0.0101);
    }
  });

  const users = ['2026-11-23', '2026-11-24', '2026-11-30'].map((date, nth) =>
    metricItem({
      ...{ metric: 'activity.users', window: '1d', start: `${date}T00:00:00Z`, count: 3 },
      members: ['always', 'always', `u${nth}`],
    }),
  );
  it('counts who was active on several days once in a week, a month, and in all', async () => {
    const asked = metricRangeOf('activity.users', {
      ...{ from: day.from, to: '2026-12-01T00:00:00Z', interval: '1w' },
    });
    const { total, series } = await readMetric(memoryMetricStore(users), 'acme', asked);
    const weeks = [...(series[0]?.points ?? [])].map(([time, tally]) => [
      time,
      tally.distinct?.estimate(),
    ]);
    expect(weeks).toEqual([
      ['2026-11-23T00:00:00Z', 3],
      ['2026-11-30T00:00:00Z', 2],
    ]);
    expect([total.count, total.distinct?.estimate()]).toEqual([9, 4]);
  });

  it('does not tell what was taken back', async () => {
    const at = { metric: 'clicks.pages', window: '1h', start: '2026-11-23T09:00:00Z' } as const;
    const store = memoryMetricStore([
      metricItem({ ...at, by: { page: '/a' }, count: 1 }),
      metricItem({ ...at, by: { page: '/a' }, writer: '1', count: -1 }),
      metricItem({ ...at, by: { page: '/b' }, count: 1 }),
    ]);
    const asked = metricRangeOf('clicks.pages', { ...day, groupBy: 'page' });
    const { series } = await readMetric(store, 'acme', asked);
    expect(series.map(({ group }) => group.page)).toEqual(['/b']);
  });

  it('is of one tenant', async () => {
    const asked = metricRangeOf('activity.users', { from: day.from, to: day.to });
    const reading = await readMetric(memoryMetricStore(users), 'other', asked);
    expect(reading).toMatchObject({ total: { count: 0 }, series: [] });
  });

  const within = { slices: 2, sketchBytes: 1_000, series: 2, points: 2 };
  it.each([
    [{ ...within, slices: 1 }],
    [{ ...within, sketchBytes: 10 }],
    [{ ...within, series: 1 }],
    [{ ...within, points: 1 }],
  ])('stops at the limits %j', async (limits) => {
    const store = memoryMetricStore(
      ['EUR', 'KRW'].map((currency) =>
        metricItem({
          ...{ metric: 'order', window: '1h', start: '2026-11-23T09:00:00Z', count: 1 },
          ...{ by: { currency }, members: ['a'] },
        }),
      ),
    );
    const asked = metricRangeOf('order', { ...day, groupBy: 'currency' });
    expect((await readMetric(store, 'acme', asked, within)).series).toHaveLength(2);
    await expect(readMetric(store, 'acme', asked, limits)).rejects.toMatchObject({
      code: 'metric_answer_too_large',
    });
  });
  it('has fewer points where each of them holds sketches', () => {
    const points = (['order', 'activity.users', 'posts.terms'] as const).map(
      (name) => metricLimitsOf(name).points,
    );
    expect(points).toEqual([50_000, 5_000, 1_000]);
  });
});
