import { describe, expect, test } from 'vitest';
import { type AlertRule, alertRule } from '../../../src/pipelines/alerts/alert-rule.ts';
import { all, MANY_ERRORS, openMetricWatch } from './watching-metrics.ts';

const minute = (nth: number) => `${9 + Math.floor(nth / 60)}:${String(nth % 60).padStart(2, '0')}`;
const at = (nth: number) => `${minute(nth).padStart(5, '0')}:00`;

/** A watch that began at 09:00, so that 08:58 is the first window it judges. */
async function begun(rules: readonly AlertRule[] = [MANY_ERRORS]) {
  const watch = openMetricWatch(rules);
  await watch.watchAt('09:00:00');
  return watch;
}

describe('a threshold', () => {
  test('fires once after its windows in a row, and is resolved once', async () => {
    const { errors, watchAt, told, toldShort } = await begun();
    for (const nth of [1, 3, 4, 5, 6]) await errors(at(nth), 10);
    await errors(at(7), 9);
    for (let nth = 1; nth < 20; nth += 1) await watchAt(at(nth));
    expect(toldShort()).toEqual(['firing api 09:04', 'resolved api 09:08']);
    const [firing, resolved] = told;
    expect(firing).toEqual({
      id: expect.stringMatching(/^[\w-]{22}$/),
      type: 'metric_firing',
      incident: expect.stringMatching(/^[\w-]{22}$/),
      rule: 'many-errors',
      severity: 'critical',
      title: { ko: '오류가 많습니다', en: 'Many errors' },
      tenant: 'acme',
      metric: 'log',
      window: '1m',
      group: { service: 'api' },
      since: '2026-11-23T09:03:00Z',
      start: '2026-11-23T09:04:00Z',
      at: '2026-11-23T09:07:00.000Z',
      value: 10,
    });
    expect(resolved).toMatchObject({ incident: firing?.incident, value: 0 });
    expect(resolved?.id).not.toBe(firing?.id);
  });

  test('judges a window two minutes after its end, with all that is counted until then', async () => {
    const { errors, watchAt, toldShort } = await begun();
    await errors('09:01:10', 10);
    await errors('09:02:10', 9);
    expect(await watchAt('09:04:59')).toMatchObject({ raised: 0 });
    await errors('09:02:50', 1);
    expect(await watchAt('09:05:00')).toMatchObject({ raised: 1, told: 1 });
    // Too late for its window, which stays as it was judged.
    await errors('09:03:10', 10);
    await watchAt('09:07:00');
    await errors('09:03:20', 99);
    await errors('09:04:20', 99);
    await watchAt('09:20:00');
    expect(toldShort()).toEqual(['firing api 09:02', 'resolved api 09:05']);
  });

  test('counts only what its filter takes, each service and tenant by itself, all writers together', async () => {
    const { errors, count, watchAt, toldShort, told } = await begun();
    for (const nth of [1, 2]) {
      await errors(at(nth), 5, 'api');
      await count({
        metric: 'log',
        time: `2026-11-23T${at(nth)}Z`,
        by: { service: 'api', level: 'fatal' },
        times: 5,
        writer: '1',
      });
      await errors(at(nth), 9, 'web');
      await errors(at(nth), 12, 'web', 'other');
      await count({
        metric: 'log',
        time: `2026-11-23T${at(nth)}Z`,
        by: { service: 'web', level: 'info' },
        times: 99,
      });
    }
    await watchAt('09:05:00');
    expect(toldShort().sort()).toEqual(['firing api 09:02', 'firing web 09:02']);
    expect(told.find(({ tenant }) => tenant === 'other')?.group).toEqual({ service: 'web' });
  });

  test('below, misses a tenant that falls silent, and is resolved when nothing comes for days', async () => {
    const tooFew = alertRule({
      ...MANY_ERRORS,
      id: 'too-few',
      metric: 'activity',
      where: {},
      groupBy: [],
      threshold: { is: 'below', than: 1 },
      resolveAfter: 1,
    });
    const { count, watchAt, toldShort, told, memory } = await begun([tooFew]);
    await count({ metric: 'activity', time: '2026-11-23T09:01:00Z', by: { name: 'a' } });
    await watchAt('09:30:00');
    expect(toldShort()).toEqual(['firing 09:03']);
    for (let hour = 10; hour <= 48; hour += 1) {
      await watchAt(new Date(Date.parse('2026-11-23T00:30:00Z') + hour * 3_600_000).toISOString());
    }
    expect(toldShort()).toEqual(['firing 09:03', 'resolved 00:00']);
    expect(told[1]).toMatchObject({ start: '2026-11-25T00:00:00Z', value: null });
    expect(await all(memory.tenantsRemembered(tooFew))).toEqual([]);
  });

  test('passes over windows without data where it is told to', async () => {
    const { errors, watchAt, toldShort } = await begun([
      alertRule({ ...MANY_ERRORS, where: { level: ['error'] }, empty: 'skip' }),
    ]);
    await errors('09:01:00', 10);
    await errors('09:05:00', 10);
    await errors('09:06:00', 1);
    await errors('09:30:00', 1);
    await watchAt('09:40:00');
    expect(toldShort()).toEqual(['firing api 09:05', 'resolved api 09:30']);
  });
});

describe('an anomaly', () => {
  const unusual = alertRule({
    id: 'unusual',
    title: { ko: '평소와 다릅니다', en: 'Unusual' },
    severity: 'warning',
    metric: 'activity',
    window: '1m',
    measure: 'count',
    empty: 'zero',
    anomaly: { off: 'either', deviations: 5, halfLife: 10, leastDeviation: 2 },
    fireAfter: 1,
    resolveAfter: 2,
  });

  test('is what lies off the mean of the windows before; the new level becomes usual', async () => {
    const { count, watchAt, told, toldShort } = await begun([unusual]);
    // 95, 105, 95, …, then 200 for good.
    for (let nth = 1; nth <= 60; nth += 1) {
      const times = nth > 40 ? 200 : nth % 2 === 0 ? 105 : 95;
      await count({
        metric: 'activity',
        time: `2026-11-23T${at(nth)}Z`,
        by: { name: 'a' },
        times,
      });
      await watchAt(at(nth));
    }
    await watchAt('10:03:00');
    // By hand, λ = 2^(−1/10): the mean is 100 + 5 (1 − λ) / (1 + λ), the variance 25 less the square of that.
    // Each window that is off widens the deviation by 58 %: the value lies 20, then 12.2, 7.4, 4.4 and 2.8
    // deviations off.
    expect(toldShort()).toEqual(['firing 09:41', 'resolved 09:45']);
    expect(told[0]).toMatchObject({ value: 200 });
    expect(told[0]?.usual?.mean).toBeCloseTo(100.17, 2);
    expect(told[0]?.usual?.deviations).toBeCloseTo(99.83 / Math.sqrt(25 - 0.03), 1);
  });

  test('has learned nothing before its warm-up', async () => {
    const { count, watchAt, told } = await begun([unusual]);
    for (let nth = 1; nth <= 10; nth += 1) {
      const times = nth === 10 ? 1_000 : 10;
      await count({ metric: 'activity', time: `2026-11-23T${at(nth)}Z`, by: { name: 'a' }, times });
    }
    await watchAt('09:13:00');
    expect(told).toEqual([]);
  });
});

test.each([
  ['sum', 240],
  ['mean', 12],
  ['p95', 30],
  ['p50', 10],
] as const)('the %s of values is compared', async (measure, value) => {
  const rule = alertRule({
    id: 'values',
    title: { ko: '값', en: 'Values' },
    severity: 'info',
    metric: 'orders.placed',
    window: '1h',
    measure,
    groupBy: ['currency'],
    empty: 'skip',
    threshold: { is: 'at_most', than: 1_000 },
    fireAfter: 1,
    resolveAfter: 1,
  });
  const { count, watchAt, told } = await begun([rule]);
  const time = '2026-11-23T09:10:00Z';
  for (let nth = 0; nth < 20; nth += 1) {
    const by = { currency: 'KRW' };
    const value = nth < 18 ? 10 : 30;
    await count({ metric: 'orders.placed', time, by, value, writer: `${nth % 2}` });
  }
  await watchAt('10:04:59');
  expect(told).toEqual([]);
  await watchAt('10:05:00');
  expect(told).toHaveLength(1);
  const off = Math.abs((told[0]?.value ?? 0) - value);
  expect(off).toBeLessThanOrEqual(measure.startsWith('p') ? 0.01 * value : 0);
});

test('distinct members are those of all writers and names together', async () => {
  const rule = alertRule({
    id: 'users',
    title: { ko: '사용자', en: 'Users' },
    severity: 'info',
    metric: 'activity.users',
    window: '1d',
    measure: 'distinct',
    empty: 'zero',
    threshold: { is: 'above', than: 2 },
    fireAfter: 1,
    resolveAfter: 1,
  });
  const { count, watchAt, told } = await begun([rule]);
  const time = '2026-11-23T09:10:00Z';
  for (const [nth, member] of ['ann', 'bob', 'ann', 'eve'].entries()) {
    await count({ metric: 'activity.users', time, member, writer: `${nth % 2}` });
  }
  await watchAt('2026-11-24T00:15:00Z');
  expect(told.map(({ value }) => value)).toEqual([3]);
});

describe('after an outage', () => {
  test('windows are judged in their order, an hour of them at a time', async () => {
    const { errors, watchAt, toldShort } = await begun();
    for (let nth = 0; nth < 200; nth += 1) await errors(at(nth), nth % 20 < 10 ? 10 : 0);
    await watchAt('12:30:00');
    const expected = Array.from({ length: 10 }, (_, nth) => [
      `firing api ${minute(20 * nth + 1).padStart(5, '0')}`,
      `resolved api ${minute(20 * nth + 11).padStart(5, '0')}`,
    ]).flat();
    expect(toldShort()).toEqual(expected);
  });

  test('windows of more than a day ago are passed over, which is told and breaks a row', async () => {
    const { errors, watchAt, toldShort, notJudged } = await begun();
    await errors('09:01:00', 10);
    await watchAt('09:04:00');
    await errors('2026-11-24T15:00:00Z', 10);
    await errors('2026-11-24T15:03:00Z', 10);
    await errors('2026-11-24T15:04:00Z', 10);
    await watchAt('2026-11-25T15:02:00Z');
    // 15:00 of the day before is the oldest that is judged, and not the second of a row.
    expect(toldShort()).toEqual(['firing api 15:04', 'resolved api 15:06']);
    const times =
      (Date.parse('2026-11-24T15:00:00Z') - Date.parse('2026-11-23T09:02:00Z')) / 60_000;
    expect(notJudged).toEqual([{ code: 'alert_windows_passed_over', rule: 'many-errors', times }]);
  });

  test('a run goes on where the one before ran out of time, tenant by tenant', async () => {
    const { errors, watchAt, told, memory } = await begun();
    const tenants = Array.from({ length: 30 }, (_, nth) => `t${String(nth).padStart(2, '0')}`);
    for (const tenant of tenants) {
      for (const nth of [1, 2]) await errors(at(nth), 10, 'api', tenant);
    }
    const judged: string[] = [];
    for (let run = 0; run < 4; run += 1) {
      // Time for sixty questions: for one or two chunks of tenants.
      let left = 60;
      const hasTimeLeft = () => left-- > 0;
      const readTenant: typeof memory.readTenant = async (rule, tenant) => {
        judged.push(tenant);
        return await memory.readTenant(rule, tenant);
      };
      await watchAt('09:05:00', { readTenant }, { hasTimeLeft });
    }
    await watchAt('09:05:00');
    expect(told.map(({ tenant }) => tenant).sort()).toEqual(tenants);
    expect(new Set(judged)).toEqual(new Set(tenants));
    expect(judged.length).toBeLessThanOrEqual(tenants.length + 3 * 8);
  });
});

test('a tenant whose counters are damaged stops nobody else, and is told of', async () => {
  const { errors, watchAt, notJudged, memory, toldShort } = await begun();
  for (const nth of [1, 2]) {
    await errors(at(nth), 10, 'api', 'good');
    await errors(at(nth), 10, 'api', 'bad');
  }
  async function* cells(...args: Parameters<typeof memory.cells>) {
    for await (const cell of memory.cells(...args)) {
      yield args[1] === 'bad' ? { ...cell, sum: 'no number' } : cell;
    }
  }
  await watchAt('09:05:00', { cells });
  await watchAt('09:06:00');
  expect(toldShort()).toEqual(['firing api 09:02']);
  expect(notJudged).toEqual([
    expect.objectContaining({ code: 'alert_window_unreadable', tenant: 'bad' }),
  ]);
});

test('a tenant that cannot be read now is judged by the next run, in its order', async () => {
  const { errors, watchAt, memory, toldShort } = await begun();
  for (const nth of [1, 2]) await errors(at(nth), 10);
  const readTenant = async () => {
    throw new Error('throttled');
  };
  await expect(watchAt('09:05:00', { readTenant })).rejects.toThrow('throttled');
  await watchAt('09:06:00');
  expect(toldShort()).toEqual(['firing api 09:02']);
  expect((await memory.readProgress(MANY_ERRORS))?.value.through).toBe('2026-11-23T09:03:00Z');
});

test('more groups than there is place for are told of; those that are known stay', async () => {
  const { errors, watchAt, notJudged, told } = await begun();
  await errors(at(1), 10, 'known');
  await watchAt('09:04:00');
  await errors(at(2), 10, 'known');
  for (let nth = 0; nth < 100; nth += 1) await errors(at(2), 10, `s${nth}`);
  await watchAt('09:05:00');
  expect(told.map(({ group }) => group.service)).toEqual(['known']);
  expect(notJudged).toEqual([
    { code: 'alert_groups_left_out', rule: 'many-errors', tenant: 'acme', times: 11 },
  ]);
});

test('a calm tenant costs no write', async () => {
  const rule = alertRule({ ...MANY_ERRORS, where: { level: ['error'] }, empty: 'skip' });
  const { errors, watchAt, memory } = await begun([rule]);
  for (let nth = 1; nth < 10; nth += 1) {
    await errors(at(nth), 3);
    await watchAt(at(nth));
  }
  expect(await memory.readTenant(rule, 'acme')).toBeUndefined();
});

test('a rule that cannot be judged now does not hinder the others', async () => {
  const other = alertRule({ ...MANY_ERRORS, id: 'other', where: {} });
  const { errors, watchAt, told, memory } = await begun([MANY_ERRORS, other]);
  for (const nth of [1, 2]) await errors(at(nth), 10);
  const readTenant: typeof memory.readTenant = async (rule, tenant) => {
    if (rule.id === MANY_ERRORS.id) throw new Error('throttled');
    return await memory.readTenant(rule, tenant);
  };
  await expect(watchAt('09:05:00', { readTenant })).rejects.toThrow('throttled');
  expect(told.map(({ rule }) => rule)).toEqual(['other']);
});

test('while the topic is away windows are judged all the same, and told when it is back', async () => {
  const { errors, watchAt, toldShort } = await begun();
  for (const nth of [1, 2]) await errors(at(nth), 10);
  const tell = async () => {
    throw new Error('away');
  };
  for (const time of ['09:05:00', '09:06:00', '09:07:00']) {
    await expect(watchAt(time, {}, { tell })).rejects.toThrow('away');
  }
  expect(await watchAt('09:07:10')).toMatchObject({ raised: 0, told: 2 });
  expect(toldShort()).toEqual(['firing api 09:02', 'resolved api 09:04']);
});
