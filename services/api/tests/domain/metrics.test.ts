import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDecimals,
  formatDecimal,
  parseDecimal,
  ZERO,
} from '../../src/domain/metrics/decimal.ts';
import { metricRangeOf } from '../../src/domain/metrics/metric-range.ts';
import { type MetricSlice, readMetric } from '../../src/domain/metrics/read-metric.ts';

describe('exact decimals', () => {
  it.each([
    ['0.1', '0.2', '0.3'],
    ['9007199254740993', '0.000000000000000001', '9007199254740993.000000000000000001'],
    ['-1', '0.5', '-0.5'],
    ['1E+3', '1e-3', '1000.001'],
    ['-0.0', '0', '0'],
  ])('%s + %s = %s', (one, other, sum) => {
    expect(formatDecimal(addDecimals(parseDecimal(one), parseDecimal(other)))).toBe(sum);
  });
  it('add up as whole numbers of the smallest unit do', () => {
    const units = fc.array(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), { maxLength: 20 });
    fc.assert(
      fc.property(units, fc.integer({ min: 0, max: 18 }), (values, scale) => {
        const texts = values.map((value) => formatDecimal({ units: value, scale }));
        const sum = texts.map(parseDecimal).reduce(addDecimals, ZERO);
        const expected = values.reduce((total, value) => total + value, 0n);
        expect(sum.units * 10n ** BigInt(scale - sum.scale)).toBe(expected);
      }),
    );
  });
  it.each(['', 'NaN', '1.', '.5', '0x1', '1 2'])('are not made of %j', (text) => {
    expect(() => parseDecimal(text)).toThrow(SyntaxError);
  });
});

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
    ['order', { ...day, to: '2026-12-25T00:00:00Z' }, 'metric_range_too_wide'],
  ])('of %s with %j is refused as %s', (name, query, code) => {
    expect(() => metricRangeOf(name, query)).toThrow(expect.objectContaining({ code }));
  });
  it('names the dimensions that there are', () => {
    expect(() => metricRangeOf('order', { ...day, groupBy: 'x' })).toThrow(/currency, status/);
  });
});

const storeOf = (slices: readonly MetricSlice[]) => ({
  async *slices() {
    yield* slices;
  },
});
const slice = (minute: string, currency: string, status: string, sum: string): MetricSlice => ({
  minute: `2026-11-23T${minute}:00Z`,
  dimensions: { currency, status },
  count: 1,
  sum,
});

describe('reading a metric', () => {
  const store = storeOf([
    slice('09:00', 'EUR', 'placed', '0.1'),
    slice('09:00', 'KRW', 'placed', '1000'),
    slice('09:59', 'EUR', 'paid', '0.2'),
    slice('10:00', 'EUR', 'paid', '0.3'),
  ]);
  const read = (groupBy?: string) =>
    readMetric(store, 'acme', metricRangeOf('order', { ...day, groupBy }));

  it('adds up by interval and group', async () => {
    const { count, sum, series } = await read('currency');
    expect({ count, sum: formatDecimal(sum) }).toEqual({ count: 4, sum: '1000.6' });
    expect(
      series.map((one) => [
        one.group,
        one.count,
        formatDecimal(one.sum),
        [...one.points].map(([time, point]) => [time, point.count, formatDecimal(point.sum)]),
      ]),
    ).toEqual([
      [
        { currency: 'EUR' },
        3,
        '0.6',
        [
          ['2026-11-23T09:00:00Z', 2, '0.3'],
          ['2026-11-23T10:00:00Z', 1, '0.3'],
        ],
      ],
      [{ currency: 'KRW' }, 1, '1000', [['2026-11-23T09:00:00Z', 1, '1000']]],
    ]);
  });
  it('is one series without a group', async () => {
    const { series } = await read();
    expect(series).toMatchObject([{ group: {}, count: 4 }]);
  });
  it('has no series where nothing was counted', async () => {
    const range = metricRangeOf('order', day);
    expect(await readMetric(storeOf([]), 'acme', range)).toEqual({
      count: 0,
      sum: ZERO,
      series: [],
    });
  });
  it.each([
    [{ slices: 3, series: 9, points: 9 }],
    [{ slices: 9, series: 1, points: 9 }],
    [{ slices: 9, series: 9, points: 2 }],
  ])('stops at the limits %j', async (limits) => {
    const range = metricRangeOf('order', { ...day, groupBy: 'currency' });
    await expect(readMetric(store, 'acme', range, limits)).rejects.toMatchObject({
      code: 'metric_answer_too_large',
    });
  });
});
