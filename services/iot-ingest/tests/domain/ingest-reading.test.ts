import { MillraceEvent, Rejection, validate } from '@millrace/types';
import { describe, expect, test } from 'vitest';
import type { DeviceMessage } from '../../src/domain/device-message.ts';
import { ingestReading } from '../../src/domain/ingest-reading.ts';
import type { RegisteredDevice } from '../../src/domain/ports.ts';
import { memoryPorts } from '../model/memory-ports.ts';

const wheel: RegisteredDevice = { deviceId: 'wheel-1', tenant: 'mill', status: 'active' };
const retired: RegisteredDevice = { deviceId: 'wheel-2', tenant: 'mill', status: 'disabled' };
const reading = {
  time: '2026-11-23T09:41:00.000Z',
  metrics: { rpm: 8.25 },
  usage: { grain_kg: 0.5 },
};

const message = (changes: Partial<DeviceMessage> & { json?: unknown } = {}): DeviceMessage => ({
  deviceId: 'wheel-1',
  clientId: 'wheel-1',
  traceId: '7e146a2c-95b5-6caf-98b9-50e3969734c7',
  receivedAt: 1_795_426_861_000,
  payload: Buffer.from(JSON.stringify(changes.json ?? reading)),
  ...changes,
});

test('a reading of a registered device becomes an event of its tenant', async () => {
  const ports = memoryPorts([wheel]);
  expect(await ingestReading(message(), ports)).toBe('accepted');
  expect(ports.events).toEqual([
    {
      specversion: '1.0',
      id: expect.stringMatching(/^[0-9a-f]{64}$/),
      source: 'millrace/devices/wheel-1',
      type: 'millrace.telemetry.v1',
      time: '2026-11-23T09:41:00.000Z',
      subject: 'wheel-1',
      datacontenttype: 'application/json',
      tenant: 'mill',
      data: { deviceId: 'wheel-1', metrics: { rpm: 8.25 }, usage: { grain_kg: 0.5 } },
    },
  ]);
  expect(validate(MillraceEvent, ports.events[0]).ok).toBe(true);
  expect(ports.kept).toEqual([]);
});

test('a message over HTTPS has no client and is trusted to be of the device', async () => {
  const ports = memoryPorts([wheel]);
  expect(await ingestReading(message({ clientId: undefined, traceId: undefined }), ports)).toBe(
    'accepted',
  );
});

test('the name of a prototype is no metric', async () => {
  const ports = memoryPorts([wheel]);
  const payload = Buffer.from(
    `{"time":"${reading.time}","metrics":{"rpm":1,"__proto__":{"admin":1}}}`,
  );
  await ingestReading(message({ payload }), ports);
  expect(JSON.stringify(ports.events[0]?.data)).toBe('{"deviceId":"wheel-1","metrics":{"rpm":1}}');
  expect('admin' in (ports.events[0]?.data.metrics ?? {})).toBe(false);
});

describe('the time of a reading', () => {
  const arrival = message().receivedAt;
  const at = (ms: number) =>
    message({ json: { ...reading, time: new Date(arrival + ms).toISOString() } });
  const DAY = 86_400_000;

  test.each([
    ['400 days late', -400 * DAY, 'accepted'],
    ['a millisecond later still', -400 * DAY - 1, 'rejected'],
    ['a day early', DAY, 'accepted'],
    ['a millisecond earlier still', DAY + 1, 'rejected'],
  ])('%s', async (_case, ms, outcome) => {
    const ports = memoryPorts([wheel]);
    expect(await ingestReading(at(ms), ports)).toBe(outcome);
    expect(ports.told.map(({ rejection }) => rejection.code)).toEqual(
      outcome === 'accepted' ? [] : ['time_out_of_range'],
    );
  });

  test('is measured from its arrival: a retry an hour later ends the same', async () => {
    const ports = memoryPorts([wheel]);
    const sent = at(-400 * DAY);
    expect([await ingestReading(sent, ports), await ingestReading(sent, ports)]).toEqual([
      'accepted',
      'accepted',
    ]);
  });
});

describe('is refused, kept whole and its sender told why', () => {
  test.each<[string, Partial<DeviceMessage> & { json?: unknown }, string]>([
    ['an unknown device', { deviceId: 'stranger', clientId: 'stranger' }, 'device_unknown'],
    ['a disabled device', { deviceId: 'wheel-2', clientId: 'wheel-2' }, 'device_disabled'],
    ['a device that publishes as another', { clientId: 'wheel-9' }, 'device_mismatch'],
    ['an odd device id', { deviceId: 'a b', clientId: 'a b' }, 'device_id_invalid'],
    ['an empty device id', { deviceId: '', clientId: '' }, 'device_id_invalid'],
    ['text', { payload: Buffer.from('25.5 °C') }, 'not_json'],
    ['nothing', { payload: new Uint8Array() }, 'not_json'],
    ['bytes that are no UTF-8', { payload: Buffer.from([0x22, 0xff, 0x22]) }, 'not_json'],
    ['a number', { json: 25.5 }, 'reading_invalid'],
    ['null', { payload: Buffer.from('null') }, 'reading_invalid'],
    ['no time', { json: { metrics: { rpm: 1 } } }, 'reading_invalid'],
    [
      'a time without an offset',
      { json: { ...reading, time: '2026-11-23T09:41:00' } },
      'reading_invalid',
    ],
    ['a metric that is text', { json: { ...reading, metrics: { rpm: '8' } } }, 'reading_invalid'],
    ['a negative usage', { json: { ...reading, usage: { grain_kg: -1 } } }, 'reading_invalid'],
    ['a time in 1970', { json: { ...reading, time: '1970-01-01T00:00:00Z' } }, 'time_out_of_range'],
    ['a time in 2999', { json: { ...reading, time: '2999-01-01T00:00:00Z' } }, 'time_out_of_range'],
    [
      'NaN, which is not JSON',
      { payload: Buffer.from(`{"time":"${reading.time}","metrics":{"rpm":NaN}}`) },
      'not_json',
    ],
    [
      'a number that is infinite',
      { payload: Buffer.from(`{"time":"${reading.time}","metrics":{"rpm":1e999}}`) },
      'reading_invalid',
    ],
    ['a hostile name', { json: { ...reading, metrics: { "x'; DROP": 1 } } }, 'reading_invalid'],
    ['no UTF-8 of 128 KiB', { payload: Buffer.alloc(131_072, 0xfe) }, 'not_json'],
    [
      '10,000 metrics',
      {
        json: {
          ...reading,
          metrics: Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`m${n}`, n])),
        },
      },
      'reading_invalid',
    ],
    [
      '101 metrics',
      {
        json: {
          ...reading,
          metrics: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`m${n}`, n])),
        },
      },
      'reading_invalid',
    ],
  ])('%s', async (_case, changes, code) => {
    const ports = memoryPorts([wheel, retired]);
    const sent = message(changes);
    expect(await ingestReading(sent, ports)).toBe('rejected');
    expect(ports.events).toEqual([]);
    expect(ports.kept).toMatchObject([{ message: sent, refusal: { code } }]);
    expect(ports.told).toMatchObject([{ deviceId: sent.deviceId, rejection: { code } }]);
    expect(validate(Rejection, ports.told[0]?.rejection).ok).toBe(true);
  });

  test('with the time of the reading, where it has one', async () => {
    const ports = memoryPorts([wheel]);
    await ingestReading(message({ json: { ...reading, metrics: { rpm: 'fast' } } }), ports);
    expect(ports.told[0]?.rejection.time).toBe('2026-11-23T09:41:00.000Z');
    expect(ports.told[0]?.rejection.message).toContain('/metrics/rpm');
  });

  test('without a word of what it said', async () => {
    const ports = memoryPorts([wheel]);
    await ingestReading(
      message({ json: { ...reading, metrics: { rpm: 'name@example.com' } } }),
      ports,
    );
    await ingestReading(message({ payload: Buffer.from('name@example.com') }), ports);
    expect(JSON.stringify(ports.told)).not.toContain('example.com');
    expect(ports.told).toHaveLength(2);
  });
});

describe('above its quota', () => {
  const quiet = { ...wheel, quota: { perMinute: 1, burst: 2 } };

  test('a reading is refused and its sender told when to come again, but it is not kept', async () => {
    const ports = memoryPorts([quiet]);
    const outcomes = [];
    for (let n = 0; n < 4; n += 1) {
      outcomes.push(await ingestReading(message({ json: { ...reading, metrics: { n } } }), ports));
    }
    expect(outcomes).toEqual(['accepted', 'accepted', 'over_quota', 'over_quota']);
    expect(ports.events).toHaveLength(2);
    expect(ports.kept).toEqual([]);
    expect(ports.told).toMatchObject([
      { rejection: { code: 'quota_exceeded', time: reading.time, retryAfterSeconds: 59 } },
      { rejection: { code: 'quota_exceeded' } },
    ]);
    expect(validate(Rejection, ports.told[0]?.rejection).ok).toBe(true);
  });

  test('a flood of garbage does not fill the dead letters', async () => {
    const ports = memoryPorts([quiet]);
    for (let n = 0; n < 50; n += 1) {
      await ingestReading(message({ payload: Buffer.from(`garbage ${n}`) }), ports);
    }
    expect(ports.kept).toHaveLength(2);
    expect(ports.told).toHaveLength(50);
  });

  test('who publishes as another pays from its own quota', async () => {
    const ports = memoryPorts([quiet]);
    for (let n = 0; n < 5; n += 1) await ingestReading(message({ clientId: 'wheel-9' }), ports);
    expect(await ingestReading(message(), ports)).toBe('accepted');
  });

  test('what could not be taken for our fault costs nothing', async () => {
    const failing = new Set<'stream'>(['stream']);
    const ports = memoryPorts([quiet], failing);
    for (let n = 0; n < 5; n += 1) {
      await expect(ingestReading(message(), ports)).rejects.toThrow('stream');
    }
    failing.clear();
    expect(await ingestReading(message(), ports)).toBe('accepted');
  });
});

describe('when something is not reached, the message is tried again', () => {
  test('and an accepted reading is the same event each time', async () => {
    const failing = new Set<'stream'>(['stream']);
    const ports = memoryPorts([wheel], failing);
    await expect(ingestReading(message(), ports)).rejects.toThrow('stream');
    failing.clear();
    await ingestReading(message(), ports);
    await ingestReading(message(), ports);
    expect(new Set(ports.events.map(({ id }) => id)).size).toBe(1);
  });

  test('and a refusal is kept before its sender is told, and kept once', async () => {
    const failing = new Set<'refused' | 'notices'>(['refused']);
    const ports = memoryPorts([], failing);
    const sent = message();
    await expect(ingestReading(sent, ports)).rejects.toThrow('refused');
    expect(ports.told).toEqual([]);
    failing.delete('refused');
    failing.add('notices');
    await expect(ingestReading(sent, ports)).rejects.toThrow('notices');
    failing.clear();
    expect(await ingestReading(sent, ports)).toBe('rejected');
    expect(ports.kept).toHaveLength(1);
    expect(ports.told).toHaveLength(1);
  });

  test('an unreachable registry refuses nobody', async () => {
    const ports = memoryPorts([wheel], new Set(['registry']));
    await expect(ingestReading(message(), ports)).rejects.toThrow('registry');
    expect(ports.kept).toEqual([]);
  });
});
