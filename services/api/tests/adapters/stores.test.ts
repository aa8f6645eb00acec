import type { FileItem } from '@millrace/types';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoCommandStore } from '../../src/adapters/dynamo-command-store.ts';
import { dynamoDeviceStore } from '../../src/adapters/dynamo-device-store.ts';
import { dynamoDeviceTasks } from '../../src/adapters/dynamo-device-tasks.ts';
import { dynamoFileStore } from '../../src/adapters/dynamo-file-store.ts';
import { dynamoOrderStore } from '../../src/adapters/dynamo-order-store.ts';
import { dynamoOrderTimes } from '../../src/adapters/dynamo-order-times.ts';
import type { CommandStore } from '../../src/domain/commands/ports.ts';
import type { DeviceStore, DeviceTasks } from '../../src/domain/devices/ports.ts';
import type { FileStore } from '../../src/domain/files/ports.ts';
import type { OrderStore, OrderTimes } from '../../src/domain/orders/ports.ts';
import type { PageRequest, StoredPage } from '../../src/domain/paging.ts';
import { type Engines, startEngines } from '../support/engines.ts';
import { memoryDeviceTasks } from '../support/memory-identities.ts';
import {
  memoryCommandStore,
  memoryDeviceStore,
  memoryFileStore,
  memoryOrderStore,
  memoryOrderTimes,
} from '../support/memory-stores.ts';

let engines: Engines;
beforeAll(async () => {
  engines = await startEngines();
});
afterAll(() => engines.close());

const TIME = '2026-11-23T09:00:00.000Z';
const file = (fileId: string, changes: Partial<FileItem> = {}): FileItem => ({
  tenant: 'acme',
  fileId,
  name: 'a.jpg',
  bucket: 'uploads',
  key: `acme/${fileId}/a.jpg`,
  status: 'awaiting-upload',
  createdAt: TIME,
  updatedAt: TIME,
  ...changes,
});
const order = (orderId: string, tenant = 'acme') => ({
  tenant,
  orderId,
  customerId: 'c',
  status: 'placed' as const,
  currency: 'KRW',
  lines: [{ sku: 'a', quantity: 1, unitPrice: 9_007_199_254 }],
  total: 9_007_199_254,
  createdAt: TIME,
  updatedAt: TIME,
});
const device = (deviceId: string, tenant = 'acme', name?: string) => ({
  deviceId,
  tenant,
  ...(name !== undefined && { name }),
  status: 'active' as const,
  createdAt: TIME,
  updatedAt: TIME,
});

/** Walks all pages. */
async function idsOf<T>(
  list: (page: PageRequest) => Promise<StoredPage<T>>,
  idOf: (item: T) => string,
  limit: number,
): Promise<string[][]> {
  const pages: string[][] = [];
  for (let after: string | undefined; ; ) {
    const page = await list({ limit, ...(after !== undefined && { after }) });
    pages.push(page.items.map(idOf));
    if (page.last === undefined) return pages;
    after = page.last;
  }
}

describe.each<[string, () => Promise<FileStore>]>([
  ['in memory', async () => memoryFileStore()],
  ['in DynamoDB', async () => dynamoFileStore(await engines.table(['tenant', 'fileId']))],
])('files %s', (_name, fresh) => {
  it('are added once: the first stays', async () => {
    const files = await fresh();
    expect(await files.addOnce(file('f'))).toEqual(file('f'));
    expect(await files.addOnce(file('f', { name: 'b.jpg' }))).toEqual(file('f'));
    expect(await files.find('acme', 'f')).toEqual(file('f'));
    expect(await files.find('other', 'f')).toBeUndefined();
  });
  it('never lose a newer state to a repeated announcement', async () => {
    const files = await fresh();
    await files.addOnce(file('f', { status: 'ready' }));
    expect(await files.addOnce(file('f'))).toMatchObject({ status: 'ready' });
  });
  it('keep the first multipart upload', async () => {
    const files = await fresh();
    await files.addOnce(file('f'));
    expect(await files.keepUpload(file('f'), 'first')).toBe('first');
    expect(await files.keepUpload(file('f'), 'second')).toBe('first');
    await expect(files.keepUpload(file('gone'), 'x')).rejects.toThrow();
  });
  it('are forgotten only while nothing was uploaded', async () => {
    const files = await fresh();
    await files.addOnce(file('awaiting'));
    await files.addOnce(file('ready', { status: 'ready' }));
    for (const id of ['awaiting', 'ready', 'unknown']) await files.forgetAwaiting(file(id));
    expect(await files.find('acme', 'awaiting')).toBeUndefined();
    expect(await files.find('acme', 'ready')).toBeDefined();
    expect(await files.find('acme', 'unknown')).toBeUndefined();
  });
  it('are listed in pages of one tenant, in the order of their ids', async () => {
    const files = await fresh();
    for (const id of ['c', 'a', 'e', 'b', 'd']) await files.addOnce(file(id));
    await files.addOnce(file('ab', { tenant: 'other' }));
    const list = (page: PageRequest) => files.list('acme', page);
    const idOf = (item: FileItem) => item.fileId;
    expect(await idsOf(list, idOf, 2)).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    expect(await idsOf(list, idOf, 5)).toEqual([['a', 'b', 'c', 'd', 'e']]);
    expect((await files.list('acme', { limit: 9, after: 'bb' })).items.map(idOf)).toEqual([
      'c',
      'd',
      'e',
    ]);
    expect(await files.list('nobody', { limit: 2 })).toEqual({ items: [] });
  });
});

describe.each<[string, () => Promise<OrderStore>]>([
  ['in memory', async () => memoryOrderStore()],
  ['in DynamoDB', async () => dynamoOrderStore(await engines.table(['tenant', 'orderId']))],
])('orders %s', (_name, fresh) => {
  it('are added once and come back as they were', async () => {
    const orders = await fresh();
    expect(await orders.addOnce(order('o'))).toEqual(order('o'));
    expect(await orders.addOnce({ ...order('o'), currency: 'EUR' })).toEqual(order('o'));
    expect(await orders.find('acme', 'o')).toEqual(order('o'));
    expect(await orders.find('other', 'o')).toBeUndefined();
  });
  it('are listed in pages of one tenant', async () => {
    const orders = await fresh();
    for (const id of ['3', '1', '2']) await orders.addOnce(order(id));
    await orders.addOnce(order('0', 'other'));
    const pages = await idsOf(
      (page) => orders.list('acme', page),
      ({ orderId }) => orderId,
      2,
    );
    expect(pages).toEqual([['1', '2'], ['3']]);
  });
});

describe.each<[string, () => Promise<OrderTimes>]>([
  ['in memory', async () => memoryOrderTimes()],
  ['in DynamoDB', async () => dynamoOrderTimes(await engines.table(['id']))],
])('times of orders %s', (_name, fresh) => {
  it('stay those of the first attempt', async () => {
    const times = await fresh();
    const later = '2026-11-23T10:00:00.000Z';
    expect(await times.rememberFirst('acme', 'o', TIME)).toBe(TIME);
    expect(await times.rememberFirst('acme', 'o', later)).toBe(TIME);
    expect(await times.rememberFirst('other', 'o', later)).toBe(later);
  });
});

describe.each<[string, () => Promise<DeviceStore>]>([
  ['in memory', async () => memoryDeviceStore()],
  [
    'in DynamoDB',
    async () =>
      dynamoDeviceStore(
        await engines.table(['deviceId'], { name: 'byTenant', keys: ['tenant', 'deviceId'] }),
      ),
  ],
])('devices %s', (_name, fresh) => {
  it('are added once over all tenants', async () => {
    const devices = await fresh();
    await devices.addOnce(device('d', 'acme', 'Boiler'));
    expect(await devices.addOnce(device('d', 'other'))).toEqual(device('d', 'acme', 'Boiler'));
    expect(await devices.find('d')).toEqual(device('d', 'acme', 'Boiler'));
  });
  it('are listed in pages of one tenant', async () => {
    const devices = await fresh();
    for (const id of ['3', '1', '2']) await devices.addOnce(device(id));
    await devices.addOnce(device('0', 'other'));
    const pages = await idsOf(
      (page) => devices.list('acme', page),
      ({ deviceId }) => deviceId,
      2,
    );
    expect(pages).toEqual([['1', '2'], ['3']]);
  });
});

describe.each<[string, () => Promise<DeviceStore>]>([
  ['in memory', async () => memoryDeviceStore()],
  ['in DynamoDB', async () => dynamoDeviceStore(await engines.table(['deviceId']))],
])('changes of devices %s', (_name, fresh) => {
  it('hold only for the device as it was read', async () => {
    const devices = await fresh();
    const first = await devices.addOnce(device('d', 'acme', 'Boiler'));
    const second = await devices.change(first, { set: { status: 'disabled' }, remove: ['name'] });
    expect(second).toEqual({ ...device('d'), status: 'disabled', revision: 1 });
    expect(await devices.find('d')).toEqual(second);
    expect(await devices.change(first, { set: { status: 'active' } })).toBeUndefined();
    expect(await devices.remove(first)).toBe(false);
    const quota = { perMinute: 1, burst: 2 };
    const third = second && (await devices.change(second, { set: { quota } }));
    expect(third).toMatchObject({ revision: 2, quota, status: 'disabled' });
    expect(third && (await devices.remove(third))).toBe(true);
    expect(await devices.find('d')).toBeUndefined();
  });
  it('make no device where there is none', async () => {
    const devices = await fresh();
    expect(await devices.change(device('d'), { set: { name: 'x' } })).toBeUndefined();
    expect(await devices.find('d')).toBeUndefined();
    expect(await devices.remove(device('d'))).toBe(false);
  });
});

describe.each<[string, () => Promise<CommandStore>]>([
  ['in memory', async () => memoryCommandStore()],
  ['in DynamoDB', async () => dynamoCommandStore(await engines.table(['deviceId', 'commandId']))],
])('commands %s', (_name, fresh) => {
  const command = (commandId: string, deviceId = 'd') => ({
    deviceId,
    commandId,
    tenant: 'acme',
    name: 'open',
    state: 'sent' as const,
    createdAt: TIME,
    timeoutAt: 1,
    expiresAt: 2,
  });
  it('are added once and time out once', async () => {
    const commands = await fresh();
    await commands.addOnce(command('1'));
    expect(await commands.addOnce({ ...command('1'), name: 'close' })).toEqual(command('1'));
    expect(await commands.timeOut(command('1'))).toEqual({ ...command('1'), state: 'timed_out' });
    expect(await commands.timeOut(command('1'))).toMatchObject({ state: 'timed_out' });
    expect(await commands.find('d', '1')).toMatchObject({ state: 'timed_out' });
    expect(await commands.find('e', '1')).toBeUndefined();
  });
  it('are listed from the newest on, of one device', async () => {
    const commands = await fresh();
    for (const id of ['2', '3', '1']) await commands.addOnce(command(id));
    await commands.addOnce(command('4', 'other'));
    const pages = await idsOf(
      (page) => commands.list('d', page),
      ({ commandId }) => commandId,
      2,
    );
    expect(pages).toEqual([['3', '2'], ['1']]);
  });
});

describe.each<[string, () => Promise<DeviceTasks>]>([
  ['in memory', async () => memoryDeviceTasks()],
  ['in DynamoDB', async () => dynamoDeviceTasks(await engines.table(['deviceId']))],
])('tasks of devices %s', (_name, fresh) => {
  const dueOf = async (tasks: DeviceTasks, now: number) => {
    const ids: string[] = [];
    for await (const { deviceId } of tasks.due(now)) ids.push(deviceId);
    return ids.sort();
  };
  it('are due at their time, until they are settled', async () => {
    const tasks = await fresh();
    for (const [deviceId, dueAt] of [
      ['a', 10],
      ['b', 20],
      ['c', 30],
    ] as const) {
      await tasks.plan({ deviceId, dueAt });
    }
    expect(await dueOf(tasks, 20)).toEqual(['a', 'b']);
    await tasks.settle({ deviceId: 'a', dueAt: 10 }, undefined);
    await tasks.settle({ deviceId: 'b', dueAt: 20 }, 40);
    expect(await dueOf(tasks, 30)).toEqual(['c']);
    expect(await dueOf(tasks, 40)).toEqual(['b', 'c']);
  });
  it('that were planned anew are not settled by who saw the old plan', async () => {
    const tasks = await fresh();
    await tasks.plan({ deviceId: 'a', dueAt: 10 });
    await tasks.plan({ deviceId: 'a', dueAt: 50 });
    await tasks.settle({ deviceId: 'a', dueAt: 10 }, undefined);
    await tasks.settle({ deviceId: 'a', dueAt: 10 }, 5);
    await tasks.settle({ deviceId: 'gone', dueAt: 10 }, 5);
    expect(await dueOf(tasks, 49)).toEqual([]);
    expect(await dueOf(tasks, 50)).toEqual(['a']);
  });
});
