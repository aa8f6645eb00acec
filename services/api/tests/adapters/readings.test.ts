import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { StateItem } from '@millrace/types';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoReadingStore } from '../../src/adapters/dynamo-reading-store.ts';
import type { ReadingStore } from '../../src/domain/readings/ports.ts';
import { deviceItem, summaryOf, usageItem, windowItem } from '../support/device-history.ts';
import { type Engines, startEngines } from '../support/engines.ts';
import { memoryReadingStore } from '../support/memory-readings.ts';

let engines: Engines;
beforeAll(async () => {
  engines = await startEngines();
});
afterAll(() => engines.close());

const window = (value: number) => ({
  readings: 1,
  metrics: { rpm: summaryOf([value], String(value)) },
});
const state = {
  seenAt: '2026-11-23T10:00:00.000Z',
  minutes: [29_732_280],
  latest: { rpm: { value: 7, time: '2026-11-23T09:59:00.000Z', id: 'e1' } },
  watched: true,
};
const place = { tenant: 'acme', deviceId: 'd1' };
const meters = (quantity: string) => ({ kwh: { quantity, readings: 2 } });
const items: StateItem[] = [
  ...['09:00', '10:00', '11:00', '12:00'].map((at, nth) =>
    windowItem({}, '1h', `2026-11-23T${at}:00Z`, window(nth)),
  ),
  windowItem({}, '1m', '2026-11-23T10:00:00Z', window(50)),
  windowItem({}, '1d', '2026-11-23T00:00:00Z', window(60)),
  windowItem({ deviceId: 'd12' }, '1h', '2026-11-23T10:00:00Z', window(70)),
  windowItem({ tenant: 'other' }, '1h', '2026-11-23T10:00:00Z', window(80)),
  deviceItem('acme', 'd1', state),
  usageItem({ ...place, month: '2026-11' }, meters('0.3')),
  usageItem({ ...place, month: '2026-12' }, meters('5')),
  usageItem({ ...place, month: '2026-12', originMonth: '2026-10' }, meters('0.1')),
  usageItem({ ...place, month: '2026-12', originMonth: '2026-11' }, meters('0.4')),
  usageItem({ ...place, month: '2027-01', originMonth: '2026-12' }, meters('9')),
  usageItem({ tenant: 'other', deviceId: 'd1', month: '2026-12' }, meters('8')),
];

const stores: [string, () => Promise<ReadingStore>][] = [
  ['in memory', async () => memoryReadingStore(items)],
  [
    'in DynamoDB',
    async () => {
      const table = await engines.table(['pk', 'sk']);
      for (const Item of items) {
        await table.client.send(new PutCommand({ TableName: table.name, Item }));
      }
      return dynamoReadingStore(table);
    },
  ],
];

describe.each(stores)('readings %s', (_name, open) => {
  let store: ReadingStore;
  beforeAll(async () => {
    store = await open();
  });
  const read = async (device: { tenant: string; deviceId: string }) => {
    const range = { from: '2026-11-23T10:00:00Z', to: '2026-11-23T12:00:00Z' };
    const windows: string[] = [];
    for await (const { start, metrics } of store.windows(device, '1h', range)) {
      windows.push(`${start} ${metrics.rpm?.sum}`);
    }
    return windows;
  };

  it('come window by window of one length, from the first to before the last', async () => {
    expect(await read(place)).toEqual(['2026-11-23T10:00:00Z 1', '2026-11-23T11:00:00Z 2']);
  });
  it("are nobody else's and of no other device", async () => {
    expect(await read({ tenant: 'third', deviceId: 'd1' })).toEqual([]);
    expect(await read({ tenant: 'acme', deviceId: 'd' })).toEqual([]);
    expect(await store.state({ tenant: 'other', deviceId: 'd1' })).toBeUndefined();
  });
  it('come with what is known of the device', async () => {
    expect(await store.state(place)).toEqual(state);
  });
  it('are billed by month, with what came too late for earlier ones', async () => {
    const { bill, adjustments } = await store.bill(place, '2026-12');
    expect(bill?.meters).toEqual(meters('5'));
    expect(adjustments.map(({ originMonth, meters }) => [originMonth, meters])).toEqual([
      ['2026-10', meters('0.1')],
      ['2026-11', meters('0.4')],
    ]);
    expect(await store.bill(place, '2026-09')).toEqual({ bill: undefined, adjustments: [] });
  });
});

it('a state that was deleted is none', async () => {
  const table = await engines.table(['pk', 'sk']);
  const { state: _, ...left } = deviceItem('acme', 'd1', state);
  await table.client.send(new PutCommand({ TableName: table.name, Item: left }));
  expect(await dynamoReadingStore(table).state(place)).toBeUndefined();
});
