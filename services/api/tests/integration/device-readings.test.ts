import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { eventually, testStack } from '@millrace/local-cloud/testing';
import { DeviceReadings, DeviceUsage, monthOf, validate } from '@millrace/types';
import { beforeAll, describe, expect, it } from 'vitest';
import { usageItem } from '../support/device-history.ts';
import { type Answer, type Caller, callerWith } from '../support/http-client.ts';
import { usersOf } from '../support/users.ts';

const stack = testStack('stream-analytics', 'iot-ingest', 'api');
const users = usersOf(stack);
const documents = DynamoDBDocumentClient.from(stack.client(DynamoDBClient));
let acme: Caller;
let other: Caller;

beforeAll(async () => {
  acme = callerWith(stack.apiUrl, (await users.signIn('jane@example.com', 'acme')).idToken);
  other = callerWith(stack.apiUrl, (await users.signIn('joe@example.com')).idToken);
});

const codeOf = (answer: Answer) => `${answer.status} ${answer.at('code')}`;
const HOUR = 3_600_000;
const hour = Math.floor(Date.now() / HOUR) * HOUR - 2 * HOUR;
const timeOf = (offset: number) => new Date(hour + offset).toISOString();
const month = monthOf(timeOf(0));
const span = `from=${timeOf(0)}&to=${timeOf(HOUR)}`;

let sent = 0;
const reading = (offset: number, metrics: object, usage?: object) => ({
  specversion: '1.0',
  id: `r${++sent}`,
  source: 'tests/readings',
  type: 'millrace.telemetry.v1',
  time: timeOf(offset),
  data: { deviceId: 'meter-1', metrics, ...(usage && { usage }) },
});

describe('what a device has sent', () => {
  beforeAll(async () => {
    const events = [
      reading(60_000, { celsius: 0.1 }, { kwh: 0.1 }),
      reading(90_000, { celsius: 0.2, rpm: 7 }, { kwh: 0.2, litres: 3 }),
      reading(30 * 60_000, { celsius: -4 }),
    ];
    const body = [...events, ...events.slice(0, 1)];
    expect((await acme('POST', '/v1/events', { body })).status).toBe(202);
  });

  it('is told by window, each reading once, with all digits', async () => {
    const answer = await eventually(
      () => acme('GET', `/v1/devices/meter-1/readings?${span}&interval=1h`),
      (told) => told.status === 200 && told.at('points', 0, 'readings') === 3,
      { timeoutMs: 60_000 },
    );
    expect(validate(DeviceReadings, JSON.parse(answer.text)).ok).toBe(true);
    expect(answer.at('points')).toEqual([
      {
        time: timeOf(0).replace('.000', ''),
        readings: 3,
        metrics: {
          celsius: {
            ...{ count: 3, sum: -3.7, min: -4, max: 0.2 },
            mean: -3.7 / 3,
            p95: expect.closeTo(0.1, 2),
          },
          rpm: { count: 1, sum: 7, min: 7, max: 7, mean: 7, p95: 7 },
        },
      },
    ]);
    expect(answer.text).toContain('"sum":-3.7,');
    expect(answer.at('last', 'celsius')).toEqual({ value: -4, time: timeOf(30 * 60_000) });
    const minutes = await acme('GET', `/v1/devices/meter-1/readings?${span}&interval=1m`);
    expect((minutes.at('points') as { time: string }[]).map(({ time }) => time)).toEqual(
      [60_000, 30 * 60_000].map((offset) => timeOf(offset).replace('.000', '')),
    );
  });

  it('is billed to the digit', async () => {
    const answer = await acme('GET', `/v1/devices/meter-1/usage?month=${month}`);
    expect(validate(DeviceUsage, JSON.parse(answer.text)).ok).toBe(true);
    expect(answer.at('meters')).toEqual({
      kwh: { quantity: 0.3, readings: 2 },
      litres: { quantity: 3, readings: 1 },
    });
    expect(answer.text).toContain('"kwh":{"quantity":0.3,');
  });

  it('stays out of a bill that was closed, as an adjustment of the month of its arrival', async () => {
    const place = { tenant: 'acme', deviceId: 'meter-1', month: '2025-02' };
    for (const Item of [
      usageItem(place, { kwh: { quantity: '12345678901234567890.5', readings: 2 } }),
      usageItem({ ...place, originMonth: '2025-01' }, { kwh: { quantity: '0.4', readings: 2 } }),
    ]) {
      await documents.send(new PutCommand({ TableName: 'millrace-local-states', Item }));
    }
    const answer = await acme('GET', '/v1/devices/meter-1/usage?month=2025-02');
    expect(answer.text).toContain('"quantity":12345678901234567890.5,');
    expect(JSON.parse(answer.text)).toMatchObject({
      month: '2025-02',
      status: 'closed',
      closesAt: '2025-03-04T00:00:00.000Z',
      adjustments: [{ originMonth: '2025-01', meters: { kwh: { quantity: 0.4, readings: 2 } } }],
    });
  });

  it("is nobody else's, whoever registers the device", async () => {
    const paths = [`readings?${span}`, `usage?month=${month}`];
    for (const path of paths) {
      expect(codeOf(await other('GET', `/v1/devices/meter-1/${path}`))).toBe(
        '404 device_not_found',
      );
    }
    await other('POST', '/v1/devices', { body: { deviceId: 'meter-1' } });
    const [readings, usage] = await Promise.all(
      paths.map((path) => other('GET', `/v1/devices/meter-1/${path}`)),
    );
    expect([readings?.at('points'), readings?.at('last')]).toEqual([[], {}]);
    expect(usage?.at('meters')).toEqual({});
  });

  it.each([
    [`readings?from=${timeOf(0)}&to=${timeOf(9 * 24 * HOUR)}&interval=1m`, 'metric_range_too_wide'],
    [`readings?from=${timeOf(0)}&to=${timeOf(0)}`, 'invalid_request'],
    [`readings?${span}&interval=1w`, 'invalid_request'],
    ['readings', 'invalid_request'],
    ['usage?month=2026-13', 'invalid_request'],
  ])('is not told for %s', async (path, code) => {
    expect(codeOf(await acme('GET', `/v1/devices/meter-1/${path}`))).toBe(`400 ${code}`);
  });
});
