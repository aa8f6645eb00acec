import type { StateItem } from '@millrace/types';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heardOf, readingsRangeOf, readReadings } from '../../src/domain/readings/read-readings.ts';
import { readUsage } from '../../src/domain/readings/read-usage.ts';
import { deviceItem, summaryOf, usageItem, windowItem } from '../support/device-history.ts';
import { memoryReadingStore } from '../support/memory-readings.ts';
import { memoryDeviceStore } from '../support/memory-stores.ts';

const device = { tenant: 'acme', deviceId: 'd1' };
const hours = { from: '2026-11-23T09:30:00Z', to: '2026-11-23T10:30:00Z', interval: '1h' as const };
const read = (items: readonly StateItem[], most?: number) =>
  readReadings(memoryReadingStore(items), device, readingsRangeOf(hours), most);

describe('the range of readings', () => {
  it('is widened to whole windows', () => {
    expect(readingsRangeOf(hours)).toEqual({
      from: '2026-11-23T09:00:00Z',
      to: '2026-11-23T11:00:00Z',
      interval: '1h',
    });
  });
  it.each([
    ['1m', '2026-12-01T09:30:00Z', '2026-12-01T09:30:01Z'],
    ['1h', '2027-03-03T09:30:00Z', '2027-03-03T09:31:00Z'],
    ['1d', '2029-01-31T09:30:00Z', '2029-01-31T09:31:00Z'],
  ] as const)('of %s is as long as they are kept, not longer', (interval, to, later) => {
    expect(() => readingsRangeOf({ ...hours, interval, to })).not.toThrow();
    expect(() => readingsRangeOf({ ...hours, interval, to: later })).toThrow(
      expect.objectContaining({ code: 'metric_range_too_wide' }),
    );
  });
});

describe('readings of a device', () => {
  it('tell of each window what was measured, exactly', async () => {
    const values = fc.array(fc.integer({ min: -1_000_000, max: 1_000_000 }), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(values, async (hundredths) => {
        const measured = hundredths.map((value) => value / 100);
        const total = hundredths.reduce((sum, value) => sum + value, 0);
        const summary = summaryOf(measured, String(total / 100));
        const [point] = await read([
          windowItem(device, '1h', '2026-11-23T09:00:00Z', {
            readings: 3,
            metrics: { celsius: summary },
          }),
        ]);
        const { quantiles: _, ...told } = summary;
        expect(point).toMatchObject({ time: '2026-11-23T09:00:00Z', readings: 3 });
        expect(point?.metrics.celsius).toMatchObject(told);
        expect(point?.metrics.celsius?.mean).toBe(total / 100 / measured.length);
        const sorted = measured.toSorted((one, other) => one - other);
        const p95 = sorted[Math.floor(0.95 * (sorted.length - 1))] ?? Number.NaN;
        expect(Math.abs((point?.metrics.celsius?.p95 ?? 0) - p95)).toBeLessThanOrEqual(
          Math.abs(p95) * 0.0100001,
        );
      }),
    );
  });
  it('tell no p95 of a metric without a sketch, and where metrics were cut', async () => {
    const { quantiles: _, ...summary } = summaryOf([1], '1');
    const [point] = await read([
      windowItem(device, '1h', '2026-11-23T09:00:00Z', {
        readings: 1,
        metrics: { z: summary },
        cut: true,
      }),
    ]);
    expect(point).toEqual({
      time: '2026-11-23T09:00:00Z',
      readings: 1,
      metrics: { z: { ...summary, mean: 1 } },
      cut: true,
    });
  });
  it('are refused where the answer would be too large', async () => {
    const items = ['09', '10'].map((hour) =>
      windowItem(device, '1h', `2026-11-23T${hour}:00:00Z`, {
        readings: 1,
        metrics: { a: summaryOf([1], '1'), b: summaryOf([1], '1') },
      }),
    );
    expect(await read(items, 4)).toHaveLength(2);
    await expect(read(items, 3)).rejects.toMatchObject({ code: 'metric_answer_too_large' });
  });
});

describe('whoever asks for a device', () => {
  const devices = memoryDeviceStore();
  const state = { seenAt: hours.from, minutes: [], latest: {}, watched: true };
  const ports = {
    devices,
    readings: memoryReadingStore([deviceItem('acme', 'sold', state)]),
  };
  const heard = (tenant: string, deviceId: string) => heardOf(ports, { tenant, deviceId });

  it('is told of one that is registered and was never heard', async () => {
    await devices.addOnce({
      ...{ tenant: 'acme', deviceId: 'new', status: 'active' },
      createdAt: hours.from,
      updatedAt: hours.from,
    });
    expect(await heard('acme', 'new')).toBeUndefined();
    await expect(heard('other', 'new')).rejects.toMatchObject({ code: 'device_not_found' });
  });
  it('is told what a device sent for it, though it is deleted and belongs to another now', async () => {
    await devices.addOnce({
      ...{ tenant: 'other', deviceId: 'sold', status: 'active' },
      createdAt: hours.from,
      updatedAt: hours.from,
    });
    expect(await heard('acme', 'sold')).toEqual(state);
    expect(await heard('other', 'sold')).toBeUndefined();
    await expect(heard('third', 'sold')).rejects.toMatchObject({ code: 'device_not_found' });
  });
});

describe('the bill of a month', () => {
  const meters = { kwh: { quantity: '0.3', readings: 2 } };
  const store = memoryReadingStore([usageItem({ ...device, month: '2026-11' }, meters)]);
  const closes = Date.parse('2026-12-04T00:00:00Z');

  it('is open until three days after its end', async () => {
    expect(await readUsage(store, device, '2026-11', closes - 1)).toEqual({
      month: '2026-11',
      status: 'open',
      closesAt: '2026-12-04T00:00:00.000Z',
      readings: 2,
      meters,
      adjustments: [],
    });
    expect(await readUsage(store, device, '2026-11', closes)).toMatchObject({ status: 'closed' });
  });
  it('is that of the current month where none is named', async () => {
    const now = Date.parse('2026-11-30T23:59:59.999Z');
    expect(await readUsage(store, device, undefined, now)).toMatchObject({ month: '2026-11' });
    expect(await readUsage(store, device, undefined, now + 1)).toEqual({
      month: '2026-12',
      status: 'open',
      closesAt: '2027-01-04T00:00:00.000Z',
      readings: 0,
      meters: {},
      adjustments: [],
    });
  });
});
