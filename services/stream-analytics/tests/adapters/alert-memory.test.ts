import type { MetricAlert } from '@millrace/types';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { alertRule } from '../../src/pipelines/alerts/alert-rule.ts';
import {
  all,
  count,
  MANY_ERRORS,
  openMetricWatch,
  watchedInDynamoDb,
  watchedInMemory,
} from '../pipelines/alerts/watching-metrics.ts';
import { startTestDynamoDb, type TestDynamoDb } from '../support/dynamodb.ts';

let dynamoDb: TestDynamoDb;
beforeAll(async () => {
  dynamoDb = await startTestDynamoDb();
});
afterAll(() => dynamoDb.close());

const VALUES = alertRule({
  ...MANY_ERRORS,
  id: 'values',
  metric: 'orders.placed',
  window: '1h',
  where: {},
  groupBy: [],
});
const USERS = alertRule({
  ...MANY_ERRORS,
  id: 'users',
  metric: 'activity.users',
  window: '1d',
  where: {},
  groupBy: [],
});
const RULES = [MANY_ERRORS, VALUES, USERS];

const at = (time: string) => `2026-11-23T${time}:00Z`;
const alert = (id: string, start: string): MetricAlert => ({
  id,
  type: 'metric_firing',
  incident: 'i',
  rule: MANY_ERRORS.id,
  severity: 'critical',
  title: { ko: '오류', en: 'Errors' },
  tenant: 'acme',
  metric: 'log',
  window: '1m',
  group: { service: 'api' },
  since: at('09:00'),
  start,
  at: '2026-11-23T09:05:00.000Z',
  value: 10,
});
const group = { seen: 20_780, row: 1, since: at('09:00') };

describe.each([
  ['in memory', async () => watchedInMemory(RULES)],
  ['in DynamoDB', () => watchedInDynamoDb(dynamoDb, RULES)],
] as const)('the memory of alerts %s', (_, open) => {
  test('keeps how far a rule is, where it is what was read', async () => {
    const { memory } = await open();
    expect(await memory.readProgress(MANY_ERRORS)).toBeUndefined();
    expect(await memory.keepProgress(MANY_ERRORS, { through: at('09:00') }, 0)).toBe(true);
    expect(await memory.keepProgress(MANY_ERRORS, { through: at('08:00') }, 0)).toBe(false);
    const open_ = { from: at('09:01'), to: at('09:02'), gap: false, after: 'acme' };
    const next = { through: at('09:00'), open: open_ };
    expect(await memory.keepProgress(MANY_ERRORS, next, 1)).toBe(true);
    expect(await memory.readProgress(MANY_ERRORS)).toEqual({ value: next, version: 2 });
    expect(await memory.readProgress(VALUES)).toBeUndefined();
  });

  test('keeps what is remembered of a tenant and its alerts together, or neither', async () => {
    const { memory } = await open();
    const through = at('09:01');
    const one = { through, groups: { '["api"]': group } };
    expect(await memory.readTenant(MANY_ERRORS, 'acme')).toBeUndefined();
    const raised = [alert('b', at('09:02')), alert('a', at('09:03'))];
    expect(await memory.keepTenant(MANY_ERRORS, 'acme', one, 0, raised)).toBe(true);
    const lost = [alert('never', at('09:01'))];
    const other = { through: at('09:09'), groups: {} };
    expect(await memory.keepTenant(MANY_ERRORS, 'acme', other, 0, lost)).toBe(false);
    expect(await memory.keepTenant(MANY_ERRORS, 'acme', other, 2, lost)).toBe(false);
    expect(await memory.readTenant(MANY_ERRORS, 'acme')).toEqual({ value: one, version: 1 });
    const waiting = await all(memory.waiting());
    expect(waiting.map((kept) => kept.alert)).toEqual(raised);
    for (const kept of waiting.slice(0, 1)) await memory.settle(kept);
    expect((await all(memory.waiting())).map((kept) => kept.alert.id)).toEqual(['a']);
  });

  test('lets one of many through', async () => {
    const { memory } = await open();
    const kept = await Promise.all(
      Array.from({ length: 8 }, (_, nth) =>
        memory.keepTenant(MANY_ERRORS, 'acme', { through: at('09:01'), groups: {} }, 0, [
          alert(`${nth}`, at('09:01')),
        ]),
      ),
    );
    expect(kept.filter(Boolean)).toHaveLength(1);
    expect(await all(memory.waiting())).toHaveLength(1);
  });

  test('lists of whom a rule remembers something', async () => {
    const { memory } = await open();
    const through = at('09:01');
    await memory.keepTenant(MANY_ERRORS, 'acme', { through, groups: { '["api"]': group } }, 0, []);
    await memory.keepTenant(MANY_ERRORS, 'calm', { through, groups: {} }, 0, []);
    await memory.keepTenant(VALUES, 'other', { through, groups: { '[]': group } }, 0, []);
    expect(await all(memory.tenantsRemembered(MANY_ERRORS))).toEqual(['acme']);
    await memory.keepTenant(MANY_ERRORS, 'acme', { through, groups: {} }, 1, []);
    expect(await all(memory.tenantsRemembered(MANY_ERRORS))).toEqual([]);
  });

  test('lists who has data: by the hour of a minute, else by the window', async () => {
    const { analytics, memory } = await open();
    const log = { metric: 'log', by: { service: 'api', level: 'info' } } as const;
    await count(analytics, { ...log, time: at('09:59'), tenant: 'nine' });
    await count(analytics, { ...log, time: at('10:00'), tenant: 'ten' });
    await count(analytics, { ...log, time: at('10:01'), tenant: 'ten', writer: '1' });
    await count(analytics, { ...log, time: at('12:00'), tenant: 'twelve' });
    const users = { metric: 'activity.users', member: 'ann' } as const;
    await count(analytics, { ...users, time: at('23:59'), tenant: 'day' });
    const who = (rule: (typeof RULES)[number], from: string, to: string) =>
      all(memory.tenantsWithData(rule, from, to));
    expect(await who(MANY_ERRORS, at('09:10'), at('09:20'))).toEqual(['nine']);
    expect(await who(MANY_ERRORS, at('09:10'), at('10:00'))).toEqual(['nine', 'ten']);
    expect(await who(MANY_ERRORS, at('11:00'), at('11:59'))).toEqual([]);
    expect(await who(USERS, at('00:00'), at('00:00'))).toEqual(['day']);
    expect(await who(VALUES, at('09:00'), at('12:00'))).toEqual([]);
  });

  test('reads what is counted of some windows in their order, details too', async () => {
    const { analytics, memory } = await open();
    const log = { metric: 'log', by: { service: 'api', level: 'error' } } as const;
    for (const minute of ['09:03', '09:01', '09:02', '09:04']) {
      await count(analytics, { ...log, time: at(minute), times: 3 });
    }
    await count(analytics, { ...log, time: at('09:02'), tenant: 'acme2' });
    const cells = await all(memory.cells(MANY_ERRORS, 'acme', at('09:02'), at('09:03')));
    expect(cells).toEqual(
      ['09:02', '09:03'].map((minute) => ({
        start: at(minute),
        dimensions: { service: 'api', level: 'error' },
        count: 3,
        sum: '0',
      })),
    );
    const time = at('09:10');
    await count(analytics, { metric: 'orders.placed', time, by: { currency: 'KRW' }, value: 7 });
    await count(analytics, { metric: 'activity.users', time, member: 'ann' });
    const [values] = await all(memory.cells(VALUES, 'acme', at('09:00'), at('09:00')));
    expect(values).toMatchObject({ count: 1, sum: '7', quantiles: expect.any(Uint8Array) });
    const [users] = await all(memory.cells(USERS, 'acme', at('00:00'), at('00:00')));
    expect(users).toMatchObject({ count: 1, distinct: expect.any(Uint8Array) });
  });
});

test('errors are counted, judged and told of on the real tables', async () => {
  const watch = openMetricWatch(RULES, await watchedInDynamoDb(dynamoDb, RULES));
  await watch.watchAt('09:00:00');
  for (const minute of ['09:01', '09:02', '09:03']) await watch.errors(at(minute), 10);
  await Promise.all([watch.watchAt('09:05:00'), watch.watchAt('09:05:00')]);
  for (const minute of ['09:06', '09:07', '09:08', '09:09']) await watch.watchAt(at(minute));
  const distinct = new Set(watch.toldShort());
  expect([...distinct]).toEqual(['firing api 09:02', 'resolved api 09:05']);
  expect(new Set(watch.told.map(({ id }) => id)).size).toBe(2);
});
