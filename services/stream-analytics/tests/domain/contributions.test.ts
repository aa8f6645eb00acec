import { EVENT_TYPES, type MillraceEvent } from '@millrace/types';
import { describe, expect, test } from 'vitest';
import { contributionsOf, merged } from '../../src/domain/counting/contributions.ts';
import { decimalText } from '../../src/domain/decimal.ts';
import { readEvent } from '../../src/domain/incoming-event.ts';

const DATA: Record<MillraceEvent['type'], unknown> = {
  'millrace.activity.v1': { name: 'signed_in', userId: 'u1' },
  'millrace.click.v1': { visitorId: 'v1', url: '/' },
  'millrace.order.v1': {
    orderId: 'o1',
    customerId: 'c1',
    status: 'placed',
    currency: 'KRW',
    lines: [
      { sku: 'a', quantity: 2, unitPrice: 1500 },
      { sku: 'b', quantity: 1, unitPrice: 99 },
    ],
  },
  'millrace.log.v1': { service: 'web', level: 'error', message: 'm' },
  'millrace.post.v1': { author: 'a1', text: 't' },
  'millrace.telemetry.v1': { deviceId: 'd1', metrics: { t: 0.1 }, usage: { kwh: 2.5 } },
};

function contributions(type: MillraceEvent['type'], data: unknown = DATA[type]) {
  const envelope = { specversion: '1.0', id: '1', source: '/s', time: '2026-11-23T18:41:59+09:00' };
  const { event, tenant } = readEvent({ ...envelope, type, data });
  return contributionsOf(event, tenant).map((one) => ({ ...one, sum: decimalText(one.sum) }));
}

describe('an event adds to', () => {
  test.each([
    ['millrace.activity.v1', 'activity', { name: 'signed_in' }, '0'],
    ['millrace.click.v1', 'click', { action: 'view' }, '0'],
    ['millrace.order.v1', 'order', { currency: 'KRW', status: 'placed' }, '3099'],
    ['millrace.log.v1', 'log', { service: 'web', level: 'error' }, '0'],
    ['millrace.post.v1', 'post', { lang: 'und' }, '0'],
  ] as const)('%s: the metric %s', (type, metric, dimensions, sum) => {
    expect(contributions(type)).toMatchObject([
      {
        pk: `default#${metric}`,
        tenant: 'default',
        metric,
        minute: '2026-11-23T09:41:00Z',
        dimensions,
        count: 1,
        sum,
      },
    ]);
  });

  test('millrace.telemetry.v1: the device, each value and each quantity', () => {
    expect(
      contributions('millrace.telemetry.v1').map((one) => [one.metric, one.dimensions, one.sum]),
    ).toEqual([
      ['telemetry', { deviceId: 'd1' }, '0'],
      ['telemetry.metric', { deviceId: 'd1', metric: 't' }, '0.1'],
      ['telemetry.usage', { deviceId: 'd1', meter: 'kwh' }, '2.5'],
    ]);
  });

  test('the same items in the same order, however its JSON is ordered', () => {
    const one = contributions('millrace.telemetry.v1', { deviceId: 'd', metrics: { a: 1, b: 2 } });
    const two = contributions('millrace.telemetry.v1', { deviceId: 'd', metrics: { b: 2, a: 1 } });
    expect(two).toEqual(one);
  });
});

test('items of different dimensions never share a key', () => {
  const services = ['a', 'b', 'a","info', 'a#b', ' a', '__proto__'];
  const keys = services.flatMap((service) =>
    contributions('millrace.log.v1', { service, level: 'info', message: '' }).map(({ sk }) => sk),
  );
  expect(new Set(keys).size).toBe(services.length);
});

test('increments of one item become one, others stay apart', () => {
  const event = (id: string, type: MillraceEvent['type'], tenant: string) =>
    contributionsOf(
      readEvent({
        specversion: '1.0',
        id,
        source: '/s',
        time: '2026-11-23T09:41:07Z',
        type,
        tenant,
        data: DATA[type],
      }).event,
      tenant,
    );
  const all = EVENT_TYPES.flatMap((type) => [
    ...event('1', type, 'acme'),
    ...event('2', type, 'acme'),
    ...event('3', type, 'other'),
  ]);
  const counts = merged(all).map(({ tenant, count }) => `${tenant} ${count}`);
  expect(counts.filter((one) => one === 'acme 2')).toHaveLength(8);
  expect(counts.filter((one) => one === 'other 1')).toHaveLength(8);
  expect(counts).toHaveLength(16);
});
