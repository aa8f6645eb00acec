import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  comparableSequencer,
  isMetricName,
  METRIC_NAMES,
  MillraceEvent,
  metricPartition,
  minuteOf,
  orderItemFrom,
  orderTotal,
  Tenant,
  validate,
} from '../src/index.ts';
import { altered } from './samples.ts';

describe('minuteOf', () => {
  test.each([
    ['2026-11-23T09:41:59.999Z', '2026-11-23T09:41:00Z'],
    ['2026-11-23T09:41:00Z', '2026-11-23T09:41:00Z'],
    ['2026-11-23T18:41:30+09:00', '2026-11-23T09:41:00Z'],
    ['2026-11-23T00:10:30+05:45', '2026-11-22T18:25:00Z'],
    ['1969-12-31T23:59:59.999Z', '1969-12-31T23:59:00Z'],
  ])('%s is in the minute %s', (time, minute) => {
    expect(minuteOf(time)).toBe(minute);
  });

  test('is the start of the minute that holds the time, and of itself', () => {
    const times = fc.date({ min: new Date(0), max: new Date('2999-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(times, (time) => {
        const minute = minuteOf(time.toISOString());
        const since = time.getTime() - Date.parse(minute);
        expect(since >= 0 && since < 60_000).toBe(true);
        expect(minuteOf(minute)).toBe(minute);
      }),
    );
  });
});

describe('comparableSequencer', () => {
  test.each([
    ['0055AED6DCD90281E5', '0055AED6DCD90281E6'],
    ['0055AED6DC', '0055AED6DCD90281E5'],
    ['0055aed6dc', '0055AED6DD'],
    ['00', '01'],
  ])('%s is older than %s', (older, newer) => {
    expect(comparableSequencer(older) < comparableSequencer(newer)).toBe(true);
  });

  test('pads the shorter on the right, as S3 says', () => {
    expect(comparableSequencer('0055AED6DC')).toBe(comparableSequencer('0055AED6DC00'));
    const digits = fc.stringMatching(/^[0-9A-F]{1,32}$/);
    fc.assert(
      fc.property(digits, digits, (left, right) => {
        const width = Math.max(left.length, right.length);
        const [a, b] = [
          BigInt(`0x${left.padEnd(width, '0')}`),
          BigInt(`0x${right.padEnd(width, '0')}`),
        ];
        expect(comparableSequencer(left) < comparableSequencer(right)).toBe(a < b);
      }),
    );
  });
});

describe('orders', () => {
  test('the total is exact in minor units', () => {
    expect(
      orderTotal([
        { sku: 'a', quantity: 3, unitPrice: 333 },
        { sku: 'b', quantity: 1, unitPrice: 1 },
      ]),
    ).toBe(1000);
  });

  test('an order event makes the item of an order, in UTC', () => {
    const validated = validate(MillraceEvent, altered('order', {}));
    if (!validated.ok || validated.value.type !== 'millrace.order.v1')
      throw new TypeError('sample');
    expect(orderItemFrom(validated.value, 'mill')).toEqual({
      tenant: 'mill',
      orderId: 'order-1',
      customerId: 'customer-1',
      status: 'placed',
      currency: 'KRW',
      lines: [
        { sku: 'flour-1kg', quantity: 2, unitPrice: 3500 },
        { sku: 'bag', quantity: 1, unitPrice: 0 },
      ],
      total: 7000,
      createdAt: '2026-11-23T00:41:07.250Z',
      updatedAt: '2026-11-23T00:41:07.250Z',
    });
  });
});

test('only declared metrics are metrics', () => {
  expect(METRIC_NAMES.every(isMetricName)).toBe(true);
  for (const name of ['constructor', '__proto__', 'toString', '']) {
    expect(isMetricName(name)).toBe(false);
  }
});

test('partitions of tenants and metrics are never mixed up', () => {
  expect(metricPartition('a', 'order')).toBe('a#order');
  expect(validate(Tenant, 'a#order').ok).toBe(false);
});
