import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Image } from '../../src/domain/attribute-value.ts';
import type { Change } from '../../src/domain/change.ts';
import { devices } from '../../src/domain/pipelines/devices.ts';
import { documents } from '../../src/domain/pipelines/documents.ts';
import { files } from '../../src/domain/pipelines/files.ts';
import { orders } from '../../src/domain/pipelines/orders.ts';
import { change, orderImage } from '../changes.ts';
import { embedded, realServer, type TestDatabase } from './databases.ts';
import { openSink, type Sink } from './orders.ts';

let database: TestDatabase;
let sinks: Readonly<Record<'orders' | 'files' | 'documents' | 'devices', Sink>>;

beforeAll(async () => {
  // A server where there is one: it is there sooner, and PGlite is PostgreSQL.
  database = await (realServer() ?? embedded)();
  const open = (pipeline: typeof orders) => openSink(database.url, pipeline);
  sinks = {
    ...{ orders: open(orders), files: open(files) },
    ...{ documents: open(documents), devices: open(devices) },
  };
  for (let attempt = 0; ; attempt += 1) {
    const isReady = await sinks.orders.session.run(async () => true).catch(() => false);
    if (isReady) break;
    expect(attempt).toBeLessThan(30);
  }
}, 240_000);
afterAll(async () => {
  await Promise.all(Object.values(sinks).map((sink) => sink.close()));
  await database.close();
});
beforeEach(async () => {
  await sinks.orders.pool.query(
    `TRUNCATE ${Object.keys(sinks)
      .map((name) => `millrace_sink.${name}`)
      .join(', ')}`,
  );
});

async function view(name: string, order: string) {
  const { rows } = await sinks.orders.pool.query(
    `SELECT row_to_json(v)::text AS row FROM (SELECT * FROM millrace.${name} ORDER BY ${order}) AS v`,
  );
  return rows.map(({ row }) => JSON.parse(row));
}

/** A first change of an item whose key is of these attributes. */
function put(n: number, image: Image, ...key: string[]): Change {
  const keys = Object.fromEntries(key.map((name) => [name, image[name] ?? { S: '' }]));
  return { ...change(n, image), keys };
}

const line = (sku: string, quantity: string, unitPrice: string) => ({
  M: { sku: { S: sku }, quantity: { N: quantity }, unitPrice: { N: unitPrice } },
});

describe('orders', () => {
  const at = (createdAt: string) => ({ createdAt: { S: createdAt } });

  it('are added up by tenant, day in UTC, status and currency, without those that were removed', async () => {
    const other = { ...orderImage('o-9', 5), tenant: { S: 'other' } };
    const removed = orderImage('o-4', 1_000);
    await sinks.orders.sink([
      change(1, { ...orderImage('o-1', 9_007_199_254_740_991), ...at('2026-11-23T23:59:59.999Z') }),
      change(2, {
        ...orderImage('o-2', 9_007_199_254_740_991),
        ...at('2026-11-24T00:30:00+09:00'),
      }),
      change(3, { ...orderImage('o-3', 7), ...at('2026-11-24T00:00:00Z') }),
      change(4, removed),
      change(5, undefined, removed),
      change(6, other),
    ]);
    const [first] = (
      await sinks.orders.pool.query(
        "SELECT revenue_minor FROM millrace.orders_by_day WHERE day = '2026-11-23' AND tenant = 'acme'",
      )
    ).rows;
    // More than a double holds.
    expect(first).toEqual({ revenue_minor: '18014398509481982' });
    expect(await view('orders_by_day', 'tenant, day')).toMatchObject([
      { tenant: 'acme', day: '2026-11-23', status: 'placed', currency: 'KRW', orders: 2 },
      { tenant: 'acme', day: '2026-11-24', orders: 1, revenue_minor: 7 },
      { tenant: 'other', day: '2026-11-23', orders: 1, revenue_minor: 5 },
    ]);
  });

  it('are added up by sku, whatever odd lines there are', async () => {
    const lines = [line('book', '2', '150'), line('pen', '1', '30'), line('book', '1', '150')];
    const odd = [{ S: 'no line' }, { M: { sku: { S: 'pen' }, quantity: { S: 'many' } } }];
    await sinks.orders.sink([
      change(1, { ...orderImage('o-1', 480), lines: { L: lines } }),
      change(2, { ...orderImage('o-2', 1), lines: { L: [...odd, line('pen', '3', '10')] } }),
    ]);
    expect(await view('sales_by_sku', 'sku')).toMatchObject([
      { tenant: 'acme', sku: 'book', orders: 1, quantity: 3, revenue_minor: 450 },
      { sku: 'pen', orders: 2, quantity: 4, revenue_minor: 60 },
      { sku: null, orders: 1, quantity: null, revenue_minor: null },
    ]);
  });
});

const times = {
  createdAt: { S: '2026-11-23T09:00:00.000Z' },
  updatedAt: { S: '2026-11-23T09:00:00.000Z' },
};

it('devices are counted by tenant and status', async () => {
  const device = (tenant: string, id: string, status: string): Image => ({
    ...{ tenant: { S: tenant }, deviceId: { S: id }, status: { S: status }, ...times },
  });
  const list = [device('acme', 'd-1', 'active'), device('acme', 'd-2', 'active')];
  const others = [device('acme', 'd-3', 'disabled'), device('other', 'd-4', 'active')];
  await sinks.devices.sink([...list, ...others].map((image, n) => put(n, image, 'deviceId')));
  expect(await view('devices_by_tenant', 'tenant, status')).toMatchObject([
    { tenant: 'acme', status: 'active', devices: 2 },
    { tenant: 'acme', status: 'disabled', devices: 1 },
    { tenant: 'other', status: 'active', devices: 1 },
  ]);
});

it('files are counted by kind and verdict', async () => {
  const file = (id: string, more: Image): Image => ({
    ...{ tenant: { S: 'acme' }, fileId: { S: id }, name: { S: '사진.jpg' }, ...times },
    ...{ bucket: { S: 'uploads' }, key: { S: id }, status: { S: 'ready' }, size: { N: '10' } },
    ...more,
  });
  const rejected = {
    status: { S: 'rejected' },
    reason: { M: { code: { S: 'malware_found' }, message: { S: 'It is.' } } },
  };
  const changes = [
    file('f-1', { kind: { S: 'image' } }),
    file('f-2', { kind: { S: 'image' } }),
    file('f-3', rejected),
  ].map((image, n) => put(n, image, 'tenant', 'fileId'));
  await sinks.files.sink(changes);
  expect(sinks.files.rejected).toEqual([]);
  expect(await view('files_by_kind', 'kind')).toMatchObject([
    { tenant: 'acme', kind: 'image', status: 'ready', files: 2, bytes: 20 },
    { kind: 'unknown', status: 'rejected', reason_code: 'malware_found', files: 1 },
  ]);
});

it('documents are counted by language, without those that were deleted', async () => {
  const document = (id: string, more: Image): Image => ({
    ...{ tenant: { S: 'acme' }, documentId: { S: id }, order: { S: '0A' }, ...times, ...more },
  });
  const changes = [
    document('w-1', { title: { S: '물레방아' }, language: { S: 'ko' } }),
    document('w-2', { deleted: { BOOL: true } }),
  ].map((image, n) => put(n, image, 'tenant', 'documentId'));
  await sinks.documents.sink(changes);
  expect(await view('documents', 'document_id')).toMatchObject([{ title: '물레방아' }]);
  expect(await view('documents_by_language', 'language')).toMatchObject([
    { tenant: 'acme', language: 'ko', documents: 1 },
  ]);
});
