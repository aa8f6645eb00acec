import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { eventually, testStack } from '@millrace/local-cloud/testing';
import {
  DeviceReadings,
  DeviceUsage,
  FunnelAnswer,
  MetricAnswer,
  monthOf,
  RetentionAnswer,
  SessionList,
  TrendAnswer,
  validate,
} from '@millrace/types';
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
const event = (type: string, time: string, data: object) => ({
  specversion: '1.0',
  id: `e${++sent}`,
  source: 'tests/analytics',
  type: `millrace.${type}.v1`,
  time,
  data,
});
const reading = (offset: number, metrics: object, usage?: object) =>
  event('telemetry', timeOf(offset), { deviceId: 'meter-1', metrics, ...(usage && { usage }) });

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

const midnight = Math.floor(Date.now() / (24 * HOUR)) * 24 * HOUR - 10 * 24 * HOUR;
const onDay = (day: number, hours = 0) =>
  new Date(midnight + day * 24 * HOUR + hours * HOUR).toISOString();
const dateOf = (day: number) => onDay(day).slice(0, 10);
const days = `from=${onDay(0)}&to=${onDay(3)}`;
const NOTHING = { count: 0, sum: 0, series: [] };

describe('what users did', () => {
  const did = (day: number, hours: number, userId: string, name: string) =>
    event('activity', onDay(day, hours), { userId, name });

  beforeAll(async () => {
    const body = [
      did(0, 9, 'u1', 'view_product'),
      did(0, 10, 'u1', 'add_to_cart'),
      did(0, 9, 'u2', 'view_product'),
      did(1, 9, 'u1', 'signed-in'),
      did(1, 9, 'u3', 'view_product'),
      did(2, 9, 'u3', 'view_product'),
    ];
    expect((await acme('POST', '/v1/events', { body })).status).toBe(202);
  });

  it('is counted by day, and each user once in all', async () => {
    const path = `/v1/metrics/activity.users?${days}`;
    const answer = await eventually(
      () => acme('GET', path),
      (told) => told.at('count') === 6,
      { timeoutMs: 60_000 },
    );
    expect(validate(MetricAnswer, JSON.parse(answer.text)).ok).toBe(true);
    expect([answer.at('interval'), answer.at('distinct')]).toEqual(['1d', 3]);
    expect(answer.at('series', 0, 'points')).toEqual([
      { time: `${dateOf(0)}T00:00:00Z`, count: 3, sum: 0, distinct: 2 },
      { time: `${dateOf(1)}T00:00:00Z`, count: 2, sum: 0, distinct: 2 },
      { time: `${dateOf(2)}T00:00:00Z`, count: 1, sum: 0, distinct: 1 },
    ]);
    expect(JSON.parse((await other('GET', path)).text)).toMatchObject(NOTHING);
    expect(codeOf(await acme('GET', `${path}&interval=1h`))).toBe('400 metric_interval_too_short');
  });

  it('is a funnel of those who entered on these days', async () => {
    const answer = await eventually(
      () => acme('GET', `/v1/funnels/checkout?${days}`),
      (told) => told.at('steps', 0, 'users') === 4 && told.at('steps', 1, 'users') === 1,
    );
    expect(validate(FunnelAnswer, JSON.parse(answer.text)).ok).toBe(true);
    expect(answer.at('steps')).toEqual([
      { step: 'view_product', users: 4 },
      { step: 'add_to_cart', users: 1, fromBefore: 0.25, fromFirst: 0.25 },
      { step: 'begin_checkout', users: 0, fromBefore: 0, fromFirst: 0 },
      { step: 'purchase', users: 0, fromFirst: 0 },
    ]);
    const theirs = await other('GET', `/v1/funnels/checkout?${days}`);
    expect(theirs.at('steps', 0)).toEqual({ step: 'view_product', users: 0 });
    expect(codeOf(await acme('GET', `/v1/funnels/buy?${days}`))).toBe('404 funnel_not_found');
  });

  it('shows who came back, by cohort', async () => {
    const answer = await eventually(
      () => acme('GET', `/v1/retention?${days}`),
      (told) => told.at('cohorts', 1, 'days', 1, 'users') === 1,
    );
    expect(validate(RetentionAnswer, JSON.parse(answer.text)).ok).toBe(true);
    const cohorts = answer.at('cohorts') as { cohort: string; days: { users: number }[] }[];
    expect(
      cohorts.map(({ cohort, days }) => [cohort, days.slice(0, 3).map(({ users }) => users)]),
    ).toEqual([
      [dateOf(0), [2, 1, 0]],
      [dateOf(1), [1, 1, 0]],
    ]);
    expect((await other('GET', `/v1/retention?${days}`)).at('cohorts')).toEqual([]);
  });
});

describe('sessions of visitors', () => {
  const clicked = (day: number, hours: number, visitorId: string, path: string) =>
    event('click', onDay(day, hours), { visitorId, url: `https://mill.example${path}` });
  type Listed = { visitorId: string; startedAt: string; views: number };
  const listed = (answer: Answer) =>
    (answer.at('items') as Listed[]).map(({ visitorId, startedAt, views }) => [
      visitorId,
      startedAt,
      views,
    ]);

  beforeAll(async () => {
    const body = [
      clicked(0, 10, 'v1', '/'),
      clicked(0, 10.25, 'v1', '/flour'),
      clicked(0, 11, 'v2', '/'),
      clicked(0, 12, 'v1', '/cart'),
      clicked(1, 12, 'v3', '/'),
    ];
    expect((await acme('POST', '/v1/events', { body })).status).toBe(202);
  });

  it('are listed the newest first, page by page', async () => {
    const first = await eventually(
      () => acme('GET', `/v1/sessions?${days}&limit=100`),
      (told) => (told.at('items') as Listed[]).length === 4 && told.at('items', 3, 'views') === 2,
      { timeoutMs: 60_000 },
    );
    expect(validate(SessionList, JSON.parse(first.text)).ok).toBe(true);
    const all = [
      ['v3', onDay(1, 12), 1],
      ['v1', onDay(0, 12), 1],
      ['v2', onDay(0, 11), 1],
      ['v1', onDay(0, 10), 2],
    ];
    expect(listed(first)).toEqual(all);
    const page = await acme('GET', `/v1/sessions?${days}&limit=3`);
    const next = `/v1/sessions?${days}&limit=3&cursor=${page.at('cursor')}`;
    expect([...listed(page), ...listed(await acme('GET', next))]).toEqual(all);
    expect((await other('GET', next)).at('items')).toEqual([]);
  });

  it('are those of one visitor where one is named', async () => {
    const answer = await acme('GET', `/v1/sessions?${days}&visitorId=v1`);
    expect(listed(answer)).toEqual([
      ['v1', onDay(0, 12), 1],
      ['v1', onDay(0, 10), 2],
    ]);
  });

  it('are not listed for a cursor that is none', async () => {
    expect(codeOf(await acme('GET', `/v1/sessions?${days}&cursor=x`))).toBe('400 invalid_cursor');
  });
});

describe('what posts speak of', () => {
  const at = timeOf(10 * 60_000);
  const trends = (query: string, caller = acme) =>
    caller('GET', `/v1/trends?${query}&at=${encodeURIComponent(at)}`);

  it('is a trend where it is more than ever before', async () => {
    const texts = [
      '물레방아가 돈다 #물레방아',
      '또 돈다 #물레방아',
      '#물레방아 결제',
      '#물레방아 @하나 결제',
      '#결제',
    ];
    const body = texts.map((text) => event('post', at, { author: 'a', text, lang: 'ko' }));
    expect((await acme('POST', '/v1/events', { body })).status).toBe(202);
    const answer = await eventually(
      () => trends('of=hashtags'),
      (told) => told.at('items', 0, 'count') === 4,
      { timeoutMs: 60_000 },
    );
    expect(validate(TrendAnswer, JSON.parse(answer.text)).ok).toBe(true);
    expect(JSON.parse(answer.text)).toEqual({
      of: 'hashtags',
      window: '1h',
      from: timeOf(0).replace('.000', ''),
      progress: 1,
      items: [{ term: '물레방아', count: 4, expected: 0, score: 4 }],
    });
    expect((await trends('of=hashtags', other)).at('items')).toEqual([]);
    expect((await trends('of=mentions')).at('items')).toEqual([]);
    expect((await trends('of=terms&lang=en')).at('items')).toEqual([]);
    expect(codeOf(await trends('of=hashtags&lang=ko'))).toBe('400 invalid_request');
  });
});
