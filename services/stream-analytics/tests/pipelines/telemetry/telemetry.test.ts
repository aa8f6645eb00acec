import { Quantiles } from '@millrace/sketches';
import {
  type DeviceState,
  type DeviceWindow,
  devicePartition,
  type MetricSummary,
  MOST_BILLED_METERS,
  MOST_DEVICE_METRICS,
  readingsPartition,
  readingsSort,
  silenceAllowedMs,
  type UsageMonth,
  usagePartition,
} from '@millrace/types';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Incoming } from '../../../src/domain/engine/pipeline.ts';
import { telemetry } from '../../../src/pipelines/telemetry/pipeline.ts';
import { MOST_SKETCHES } from '../../../src/pipelines/telemetry/windows.ts';
import { type Settled, settle } from '../../model/settle.ts';
import { reading } from './readings.ts';

const settled = (...events: Incoming[]) => settle(telemetry, events);
const windowOf = ({ states }: Settled, window: '1m' | '1h' | '1d', time: string) =>
  states.get(`${readingsPartition('acme', 'd1')} ${readingsSort(window, time)}`) as DeviceWindow;
const deviceOf = ({ states }: Settled) =>
  states.get(`${devicePartition('acme', 'd1')} -`) as DeviceState;
const usageOf = ({ states }: Settled, sk: string) =>
  states.get(`${usagePartition('acme', 'd1')} ${sk}`) as UsageMonth;
const p95 = ({ quantiles = '' }: MetricSummary) =>
  Quantiles.fromBytes(Buffer.from(quantiles, 'base64')).quantile(0.95);
const names = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, at) => `${prefix}${String(at).padStart(4, '0')}`);

describe('windows of a device', () => {
  test('the worked example of docs/telemetry.md', () => {
    const done = settled(
      reading('r1', { time: '2026-11-23T09:41:07Z', metrics: { celsius: 0.1 } }),
      reading('r2', { time: '2026-11-23T18:41:30+09:00', metrics: { celsius: 0.2 } }),
      reading('r1', { time: '2026-11-23T09:41:07Z', metrics: { celsius: 0.1 } }),
      reading('r3', { time: '2026-11-23T09:58:00Z', metrics: { celsius: -4 } }),
    );
    const minute = windowOf(done, '1m', '2026-11-23T09:41:00Z');
    expect(minute).toMatchObject({
      readings: 2,
      metrics: { celsius: { count: 2, sum: '0.3', min: 0.1, max: 0.2 } },
    });
    expect(p95(minute.metrics.celsius as MetricSummary)).toBeCloseTo(0.1, 2);
    expect(windowOf(done, '1h', '2026-11-23T09:00:00Z')).toMatchObject({
      readings: 3,
      metrics: { celsius: { count: 3, sum: '-3.7', min: -4, max: 0.2 } },
    });
    expect(windowOf(done, '1d', '2026-11-23T00:00:00Z').readings).toBe(3);
    expect(deviceOf(done).latest).toEqual({
      celsius: { value: -4, time: '2026-11-23T09:58:00.000Z', id: 'r3' },
    });
  });

  test('sums are exact where doubles are not', () => {
    const done = settled(
      reading('1', { metrics: { a: 1e15 } }),
      reading('2', { metrics: { a: 0.001 } }),
      reading('3', { metrics: { a: 1e15 } }),
      reading('4', { metrics: { a: -1e-9 } }),
      reading('5', { metrics: { a: -0 } }),
    );
    expect(windowOf(done, '1m', '2026-11-23T09:41:00Z').metrics.a).toMatchObject({
      count: 5,
      sum: '2000000000000000.000999999',
      min: -1e-9,
      max: 1e15,
    });
  });

  test('a window that is forgotten when a reading arrives is not begun again', () => {
    const done = settled(
      reading('1', { time: '2026-11-01T00:00:00Z', arrivedAt: '2026-11-20T00:00:00Z' }),
    );
    expect(windowOf(done, '1m', '2026-11-01T00:00:00Z')).toBeUndefined();
    expect(windowOf(done, '1h', '2026-11-01T00:00:00Z')).toEqual({ readings: 1, metrics: {} });
  });

  test('a name of a prototype is a name', () => {
    const done = settled(
      reading('1', { metrics: { constructor: 1, toString: 2 }, usage: { valueOf: 3 } }),
      reading('2', { metrics: { constructor: 1 }, usage: { valueOf: 4 } }),
    );
    const { metrics } = windowOf(done, '1m', '2026-11-23T09:41:00Z');
    expect(Object.keys(metrics).sort()).toEqual(['constructor', 'toString']);
    expect(metrics.constructor).toMatchObject({ count: 2, sum: '2' });
    expect(usageOf(done, '2026-11').meters.valueOf).toEqual({ quantity: '7', readings: 2 });
  });

  test('of too many names the same are kept whole, in whatever order they come', () => {
    const all = names('m', MOST_DEVICE_METRICS + 30);
    const events = all.flatMap((name, at) => [
      reading(`${at}a`, { metrics: { [name]: 1, m0000: 1 } }),
      reading(`${at}b`, { metrics: { [name]: 2 } }),
    ]);
    const forwards = windowOf(settled(...events), '1d', '2026-11-23T00:00:00Z');
    const backwards = windowOf(settled(...events.toReversed()), '1d', '2026-11-23T00:00:00Z');
    expect(backwards).toEqual(forwards);
    expect(forwards.cut).toBe(true);
    expect(Object.keys(forwards.metrics)).toEqual(all.slice(0, MOST_DEVICE_METRICS));
    expect(forwards.metrics.m0099).toMatchObject({ count: 2, sum: '3' });
    const sketched = Object.entries(forwards.metrics).filter(([, { quantiles }]) => quantiles);
    expect(sketched.map(([name]) => name)).toEqual(all.slice(0, MOST_SKETCHES));
    expect(p95(forwards.metrics.m0003 as MetricSummary)).toBeCloseTo(1, 1);
  });

  test('an item stays below 100 kB under the worst that a device can send at its quota', () => {
    const metrics = Object.fromEntries(
      names('m'.repeat(60), MOST_DEVICE_METRICS).map((name) => [name, -1.2345678901234567e-8]),
    );
    // Every bin of every sketch; the names without a sketch need no more than two readings.
    const spread = Array.from({ length: 4_000 }, (_, at) => {
      const magnitude = 1e-9 * 1.02 ** ((at / 2) | 0);
      return at % 2 ? magnitude : -magnitude;
    });
    const sketch = new Quantiles();
    for (const value of spread) sketch.add(value, 43);
    const quantiles = Buffer.from(sketch.toBytes()).toString('base64');
    const done = settled(reading('1', { metrics }), reading('2', { metrics }));
    const state = windowOf(done, '1d', '2026-11-23T00:00:00Z');
    const full = Object.fromEntries(
      Object.entries(state.metrics).map(([name, summary]) => [
        name,
        summary.quantiles ? { ...summary, quantiles } : summary,
      ]),
    );
    expect(JSON.stringify({ ...state, metrics: full }).length).toBeLessThan(100_000);
    expect(JSON.stringify({ ...state, metrics: full }).length).toBeGreaterThan(60_000);
  });
});

describe('the last values of a device', () => {
  test('are the newest by event time; of one time the larger id, then the larger value', () => {
    const early = reading('9', { time: '2026-11-23T09:00:00Z', metrics: { a: 1, b: 1 } });
    const late = reading('1', { time: '2026-11-23T19:00:00+09:00', metrics: { a: 2 } });
    const tied = reading('2', { time: '2026-11-23T10:00:00.000Z', metrics: { a: 3 } });
    const again = reading('2', { time: late.event.time, metrics: { a: 4 }, source: '/other' });
    for (const order of [
      [early, late, tied, again],
      [again, tied, late, early],
    ]) {
      expect(deviceOf(settled(...order)).latest).toEqual({
        a: { value: 4, time: '2026-11-23T10:00:00.000Z', id: '2' },
        b: { value: 1, time: '2026-11-23T09:00:00.000Z', id: '9' },
      });
    }
  });
});

describe('how long a device may be silent', () => {
  const after = (...minutes: number[]) => silenceAllowedMs({ minutes }) / 60_000;

  test.each([
    ['one minute known: the default', [100], 5],
    ['each minute', [100, 101, 102, 103], 5],
    ['each hour', [0, 60, 120, 180], 180],
    ['each hour, with an outage of a day between', [0, 60, 1500, 1560, 1620], 180],
    ['each day', [0, 1440, 2880], 1440],
  ])('%s', (_, minutes, expected) => {
    expect(after(...minutes)).toBe(expected);
  });

  test('is learned from arrivals, of which a burst is one', () => {
    const hourly = [0, 1, 2].flatMap((hour) =>
      Array.from({ length: 50 }, (_, at) =>
        reading(`${hour}-${at}`, {
          time: `2026-11-23T0${hour}:00:00Z`,
          arrivedAt: `2026-11-23T0${hour + 1}:00:${String(at).padStart(2, '0')}Z`,
        }),
      ),
    );
    const state = deviceOf(settled(...hourly));
    expect(state.seenAt).toBe('2026-11-23T03:00:49.000Z');
    expect(silenceAllowedMs(state)).toBe(180 * 60_000);
  });
});

describe('metering', () => {
  test('the worked example of docs/telemetry.md', () => {
    const done = settled(
      reading('u1', { time: '2026-11-30T23:59:59Z', usage: { kwh: 0.1, litres: 3 } }),
      reading('u2', {
        time: '2026-11-30T23:59:59Z',
        arrivedAt: '2026-12-03T23:59:59.999Z',
        usage: { kwh: 0.2 },
      }),
      reading('u3', {
        time: '2026-11-30T23:59:59Z',
        arrivedAt: '2026-12-04T00:00:00.000Z',
        usage: { kwh: 0.4 },
      }),
      reading('u4', { time: '2026-12-04T00:00:00Z', usage: { kwh: 5 } }),
    );
    expect(usageOf(done, '2026-11')).toEqual({
      closesAt: '2026-12-04T00:00:00.000Z',
      readings: 2,
      meters: { kwh: { quantity: '0.3', readings: 2 }, litres: { quantity: '3', readings: 1 } },
    });
    expect(usageOf(done, '2026-12#adjustment#2026-11')).toEqual({
      closesAt: '2027-01-04T00:00:00.000Z',
      originMonth: '2026-11',
      readings: 1,
      meters: { kwh: { quantity: '0.4', readings: 1 } },
    });
    expect(usageOf(done, '2026-12')).toMatchObject({ meters: { kwh: { quantity: '5' } } });
  });

  test('months are those of UTC', () => {
    const done = settled(reading('1', { time: '2026-12-01T08:59:59+09:00', usage: { a: 1 } }));
    expect(usageOf(done, '2026-11')).toMatchObject({ meters: { a: { quantity: '1' } } });
  });

  test('a reading without usage makes no bill', () => {
    const done = settled(reading('1', { metrics: { a: 1 } }), reading('2', { usage: {} }));
    expect([...done.states.keys()].filter((key) => key.includes('#usage#'))).toEqual([]);
  });

  test('meters beyond the bound lose their name, not their quantity', () => {
    const all = names('u', MOST_BILLED_METERS + 50);
    const events = all.map((name, at) => reading(String(at), { usage: { [name]: 0.1, u0000: 1 } }));
    const forwards = usageOf(settled(...events), '2026-11');
    expect(usageOf(settled(...events.toReversed()), '2026-11')).toEqual(forwards);
    expect(Object.keys(forwards.meters)).toEqual(all.slice(0, MOST_BILLED_METERS));
    expect(forwards.others).toEqual({ quantity: '5', readings: 50 });
    expect(forwards.readings).toBe(250);
  });
});

const drawnReading = fc.record({
  id: fc.integer({ min: 0, max: 9 }).map(String),
  source: fc.constantFrom('/a', '/b'),
  deviceId: fc.constantFrom('d1', 'd2'),
  tenant: fc.constantFrom('acme', 'other'),
  time: fc.constantFrom(
    '2026-10-31T23:59:59Z',
    '2026-11-03T10:00:00Z',
    '2026-11-03T10:00:00.000Z',
    '2026-11-03T19:00:30+09:00',
    '2026-11-03T11:00:00Z',
  ),
  arrivedAt: fc.constantFrom(
    '2026-11-03T23:59:59.999Z',
    '2026-11-04T00:00:00Z',
    '2026-11-13T00:00:00Z',
  ),
  metrics: fc.dictionary(
    fc.constantFrom('a', 'b', 'constructor'),
    fc.integer({ min: -999, max: 999 }).map((value) => value / 100),
  ),
  usage: fc.dictionary(
    fc.constantFrom('a', 'b', 'toString'),
    fc.integer({ min: 0, max: 999 }).map((value) => value / 100),
  ),
});

test('however readings are mixed and repeated, the same is known of a device', () => {
  const distinct = fc.uniqueArray(drawnReading, {
    selector: ({ id, source, tenant }) => `${tenant} ${source} ${id}`,
    minLength: 1,
    maxLength: 30,
    size: 'max',
  });
  const mixed = distinct.chain((drawn) => {
    const events = drawn.map(({ id, ...more }) => reading(id, more));
    return fc.tuple(
      fc.constant(events),
      fc.array(fc.constantFrom(...events), { maxLength: 10 }).chain((repeated) =>
        fc.shuffledSubarray([...events, ...repeated], {
          minLength: events.length + repeated.length,
        }),
      ),
    );
  });
  fc.assert(
    fc.property(mixed, ([events, order]) => {
      expect(known(settle(telemetry, order))).toEqual(known(settle(telemetry, events)));
    }),
    { numRuns: 300 },
  );
});

/** All but the looks that are due: the first reading that is processed decides when the first one is. */
function known({ states, counts, refused }: Settled) {
  const looks = [...states.keys()].filter((key) => key.startsWith('*#due#'));
  expect(refused).toEqual([]);
  return {
    states: new Map([...states].filter(([key]) => !key.startsWith('*#due#'))),
    looks: looks.map((key) => key.split('#').slice(-2).join('#')).sort(),
    counts,
  };
}
