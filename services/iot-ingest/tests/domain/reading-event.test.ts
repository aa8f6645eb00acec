import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readingEvent } from '../../src/domain/reading-event.ts';

const device = { deviceId: 'wheel-1', tenant: 'mill', status: 'active' } as const;
const values = fc.dictionary(
  fc.constantFrom('rpm', 'load_kw', 'temperature_c', 'x'),
  fc.double({ noNaN: true, min: -1e15, max: 1e15 }),
);
const readings = fc.record({
  time: fc.constantFrom('2026-11-23T09:41:00Z', '2026-11-23T09:42:00Z'),
  metrics: values,
  usage: values,
});
const reversed = (names: Record<string, number>) =>
  Object.fromEntries(Object.entries(names).reverse());

describe('the id of a reading', () => {
  test('is the same whatever the order of its names', () => {
    fc.assert(
      fc.property(readings, (reading) => {
        const { time, metrics, usage } = reading;
        const other = { usage: reversed(usage), metrics: reversed(metrics), time };
        expect(readingEvent(device, other).id).toBe(readingEvent(device, reading).id);
      }),
    );
  });

  test('differs where the reading differs', () => {
    fc.assert(
      fc.property(readings, readings, (one, other) => {
        const same = readingEvent(device, one).id === readingEvent(device, other).id;
        const text = ({ time, metrics, usage }: typeof one) =>
          JSON.stringify([time, Object.entries(metrics).sort(), Object.entries(usage).sort()]);
        expect(same).toBe(text(one) === text(other));
      }),
    );
  });

  test('differs between devices, and stays when a device moves to another tenant', () => {
    const reading = { time: '2026-11-23T09:41:00Z', metrics: { rpm: 8 } };
    const { id } = readingEvent(device, reading);
    expect(readingEvent({ ...device, deviceId: 'wheel-2' }, reading).id).not.toBe(id);
    expect(readingEvent({ ...device, tenant: 'other' }, reading).id).toBe(id);
  });

  test('is the same in every version of this service', () => {
    const reading = {
      time: '2026-11-23T09:41:00.000Z',
      metrics: { rpm: 8.25, load_kw: 1 },
      usage: { grain_kg: 0.5 },
    };
    expect(readingEvent(device, reading).id).toMatchInlineSnapshot(
      `"8f369948830cbe268c2615223692977ffcf5f2f6c089a0727628e80837832664"`,
    );
  });
});
