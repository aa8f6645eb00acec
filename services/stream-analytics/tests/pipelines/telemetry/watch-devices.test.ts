import type { DeviceAlert } from '@millrace/types';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestDynamoDb, type TestDynamoDb } from '../../support/dynamodb.ts';
import { reading } from './readings.ts';
import { openWatch } from './watching.ts';

let dynamoDb: TestDynamoDb;
beforeAll(async () => {
  dynamoDb = await startTestDynamoDb();
});
afterAll(() => dynamoDb.close());

const at = (time: string) => `2026-11-23T${time}Z`;
const heard = (id: string, time: string, deviceId = 'd1') =>
  reading(id, { time: at(time), deviceId, metrics: { celsius: 1 } });
const types = (alerts: readonly DeviceAlert[]) => alerts.map(({ type }) => type);

describe('a device that falls silent', () => {
  test('is told of once, and once more when it is back', async () => {
    const { hear, watchAt, told, device, looks } = await openWatch(dynamoDb);
    await hear(heard('1', '09:00:30'));
    expect(await looks()).toEqual([`d1 ${at('09:06:00.000')}`]);
    expect(await watchAt(at('09:05:59'))).toEqual({ looked: 0, offline: 0, told: 0 });
    expect(await watchAt(at('09:06:00'))).toEqual({ looked: 1, offline: 1, told: 1 });
    expect(await watchAt(at('09:07:00'))).toEqual({ looked: 0, offline: 0, told: 0 });
    expect(told).toEqual([
      {
        id: expect.stringMatching(/^[\w-]{22}$/),
        type: 'device_offline',
        tenant: 'acme',
        deviceId: 'd1',
        since: at('09:00:30.000'),
        at: at('09:06:00.000'),
      },
    ]);
    expect(await device()).toMatchObject({ watched: false, outage: { since: at('09:00:30.000') } });
    await hear(heard('2', '09:10:00'));
    expect(await device()).not.toHaveProperty('outage');
    expect(await watchAt(at('09:11:00'))).toMatchObject({ told: 1 });
    expect(told[1]).toMatchObject({
      type: 'device_online',
      since: at('09:00:30.000'),
      at: at('09:10:00.000'),
    });
    // Learned: ten minutes between two reports, so half an hour of silence.
    expect(await looks()).toEqual([`d1 ${at('09:40:00.000')}`]);
    await watchAt(at('09:40:00'));
    expect(types(told)).toEqual(['device_offline', 'device_online', 'device_offline']);
    expect(new Set(told.map(({ id }) => id)).size).toBe(3);
  });

  test('and goes on reporting is looked at no more than its silence allows', async () => {
    const { hear, watchAt, told, looks } = await openWatch(dynamoDb);
    let looked = 0;
    for (let minute = 0; minute < 30; minute += 1) {
      const time = `09:${String(minute).padStart(2, '0')}`;
      await hear(heard(`${minute}a`, `${time}:10`), heard(`${minute}b`, `${time}:40`));
      looked += (await watchAt(at(`${time}:50`))).looked;
      expect(await looks()).toHaveLength(1);
    }
    expect(looked).toBeLessThanOrEqual(6);
    expect(told).toEqual([]);
  });

  test('is not told of when a reading comes while it is looked at', async () => {
    const { hear, watchAt, watchStore, told, device, looks } = await openWatch(dynamoDb);
    await hear(heard('1', '09:00:00'));
    let late = [heard('2', '09:04:59')];
    const run = await watchAt(at('09:05:00'), {
      goOffline: async (...args) => {
        await hear(...late);
        late = [];
        return await watchStore.goOffline(...args);
      },
    });
    expect(run).toEqual({ looked: 1, offline: 0, told: 0 });
    expect(told).toEqual([]);
    expect(await device()).toMatchObject({ watched: true, seenAt: at('09:04:59.000') });
    expect(await looks()).toHaveLength(1);
  });

  test('is told of once by two runs at the same time', async () => {
    const { hear, watchAt, told, looks } = await openWatch(dynamoDb);
    const devices = ['d1', 'd2', 'd3', 'd4', 'd5'];
    await hear(...devices.map((deviceId) => heard(deviceId, '09:00:00', deviceId)));
    const runs = await Promise.all([watchAt(at('09:05:00')), watchAt(at('09:05:00'))]);
    await watchAt(at('09:06:00'));
    expect(runs.reduce((sum, { offline }) => sum + offline, 0)).toBe(5);
    expect(new Set(told.map(({ id }) => id)).size).toBe(5);
    expect(new Set(told.map(({ deviceId }) => deviceId))).toEqual(new Set(devices));
    expect(await looks()).toEqual([]);
  });

  test('is told of again under the same id when a run is killed before it has noted the telling', async () => {
    const { hear, watchAt, told } = await openWatch(dynamoDb);
    await hear(heard('1', '09:00:00'));
    const killed = async () => {
      throw new Error('killed');
    };
    await expect(watchAt(at('09:05:00'), { settle: killed })).rejects.toThrow('killed');
    await watchAt(at('09:06:00'));
    await watchAt(at('09:07:00'));
    expect(told).toHaveLength(2);
    expect(told[1]).toEqual(told[0]);
  });

  test('is told of by the next run when the topic is away', async () => {
    const { hear, watchAt, told } = await openWatch(dynamoDb);
    await hear(heard('1', '09:00:00'));
    const away = async () => {
      throw new Error('away');
    };
    await expect(watchAt(at('09:05:00'), {}, { tell: away })).rejects.toThrow('away');
    expect(await watchAt(at('09:06:00'))).toEqual({ looked: 0, offline: 0, told: 1 });
    expect(types(told)).toEqual(['device_offline']);
  });

  test('stays offline when a reading from before its outage is replayed', async () => {
    const { hear, watchAt, told, device } = await openWatch(dynamoDb);
    await hear(heard('2', '09:00:00'));
    await watchAt(at('09:05:00'));
    await hear(heard('1', '08:59:00'));
    await watchAt(at('09:06:00'));
    expect(types(told)).toEqual(['device_offline']);
    expect(await device()).toMatchObject({ watched: false, outage: { since: at('09:00:00.000') } });
  });

  test('is found although the stream was read hours late', async () => {
    const { hear, watchAt, told } = await openWatch(dynamoDb);
    await watchAt(at('12:00:00'));
    await hear(heard('1', '09:00:00'));
    await watchAt(at('12:01:00'));
    expect(types(told)).toEqual(['device_offline']);
  });
});

test('a look at a device of which nothing is known is taken away', async () => {
  const { hear, watchAt, looks, watchStore } = await openWatch(dynamoDb);
  await hear(heard('1', '09:00:00'));
  const gone = await watchAt(at('09:05:00'), {
    readDevice: async () => undefined,
    drop: async (due) => await watchStore.drop(due, await watchStore.readDevice(due)),
  });
  expect(gone).toEqual({ looked: 1, offline: 0, told: 0 });
  expect(await looks()).toEqual([]);
});

test('a look is not taken away when the device was heard meanwhile', async () => {
  const { hear, watchAt, looks } = await openWatch(dynamoDb);
  await hear(heard('1', '09:00:00'));
  // What was read is outdated: the device is there.
  await watchAt(at('09:05:00'), { readDevice: async () => undefined });
  expect(await looks()).toHaveLength(1);
});

test('a run that is about to be stopped begins nothing more', async () => {
  const { hear, watchAt, looks, told } = await openWatch(dynamoDb);
  await hear(heard('1', '09:00:00'));
  await watchAt(at('09:05:00'), {}, { hasTimeLeft: () => false });
  expect(await looks()).toHaveLength(1);
  expect(told).toEqual([]);
});
