import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DeleteCommand, DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Row } from '@millrace/lake';
import { parquetFormat } from '@millrace/lake/parquet';
import { s3LakeObjects } from '@millrace/lake/s3';
import { commitTable, DEFAULT_SETTINGS, latestManifest } from '@millrace/lake/table';
import { LAKE_STORE_CONTRACT, queryLake, readTable } from '@millrace/lake/testing';
import { eventually, testStack } from '@millrace/local-cloud/testing';
import { describe, expect, it } from 'vitest';
import { writeLinks } from '../../src/domain/athena-links.ts';
import { loadChanges } from '../../src/domain/load-changes.ts';
import { orders } from '../../src/domain/pipelines/orders.ts';
import { change, history, orderImage } from '../changes.ts';

const LAKE = 'millrace-local-lake';
const ORDERS = 'millrace-local-orders';
const LINKS = 'links/current/table=orders/files';
const stack = testStack('etl', 'stream-analytics');
const s3 = stack.client(S3Client);
const store = s3LakeObjects(s3, LAKE);
const tables = DynamoDBDocumentClient.from(stack.client(DynamoDBClient));

describe('objects of S3', () => {
  it.each(LAKE_STORE_CONTRACT)('$name', ({ name, holds }) => holds(store, `contract/${name}/`));
});

async function put(orderId: string, total: number, status = 'placed') {
  const times = { createdAt: '2026-11-23T09:00:00.000Z', updatedAt: '2026-11-23T09:00:00.000Z' };
  const lines = [{ sku: 'book', quantity: 1, unitPrice: total }];
  const Item = { tenant: '상점', orderId, customerId: 'c', status, currency: 'KRW', lines, total };
  await tables.send(new PutCommand({ TableName: ORDERS, Item: { ...Item, ...times } }));
}

async function committed() {
  const manifest = await latestManifest(store, 'orders');
  if (!manifest) return undefined;
  return { manifest, ...(await readTable(store, manifest, orders)) };
}

describe('compactLake on its schedule', () => {
  it('commits the changes and the current state of a table, through kills and restarts', async () => {
    for (let n = 0; n < 20; n += 1) await put(`o-${n}`, n);
    for (let n = 0; n < 20; n += 2) await put(`o-${n}`, n, 'paid');
    await eventually(committed, (lake) => (lake?.changes.length ?? 0) >= 1, { timeoutMs: 120_000 });
    await stack.killAndRestart();
    for (let n = 0; n < 20; n += 5) {
      const Key = { tenant: '상점', orderId: `o-${n}` };
      await tables.send(new DeleteCommand({ TableName: ORDERS, Key }));
    }
    const lake = await eventually(committed, (seen) => (seen?.changes.length ?? 0) >= 34, {
      timeoutMs: 150_000,
    });
    const ids = new Set(lake?.changes.map(({ change_id }) => change_id));
    expect([ids.size, lake?.changes.length]).toEqual([34, 34]);
    const states = lake?.current.map((row: Row) => `${row.order_id} ${row.status} ${row.total}`);
    const expected = Array.from({ length: 20 }, (_, n) => n)
      .filter((n) => n % 5 !== 0)
      .map((n) => `o-${n} ${n % 2 === 0 ? 'paid' : 'placed'} ${n}`);
    expect(states?.toSorted()).toEqual(expected.sort());
    const live = lake?.manifest.current.flatMap((segment) => segment.live ?? []) ?? [];
    const lines = live.map(({ key }) => `s3://${LAKE}/${key}\n`).join('');
    await eventually(
      async () => new TextDecoder().decode((await store.read(LINKS))?.bytes),
      (links) => links === lines,
    );
  }, 300_000);
});

describe('jobs that meet on S3', () => {
  const layout = { ...orders, table: 'contended' };
  const refuse = () => Promise.reject(new Error('nothing here is invalid'));
  const lake = { objects: store, format: parquetFormat, pause: async () => {} };
  const job = {
    ...{ store, layout, format: parquetFormat, now: Date.now, hasTimeLeft: () => true },
    settings: { ...DEFAULT_SETTINGS, settleMs: 0, targetBytes: 20_000, roundBytes: 30_000 },
    onLatest: (manifest: Parameters<typeof writeLinks>[2]) => writeLinks(store, LAKE, manifest),
  };

  it('commit each change once, as DuckDB reads the files', async () => {
    const changes = history(120);
    for (let at = 0; at < 120; at += 30) {
      const loading = loadChanges(changes.slice(at, at + 30), layout, lake, refuse);
      await Promise.all([commitTable(job), commitTable(job), commitTable(job), loading]);
    }
    await commitTable(job);
    // One comes again, with one that is new.
    await loadChanges(
      [...changes.slice(3, 4), change(120, orderImage('o-9', 1))],
      layout,
      lake,
      refuse,
    );
    await commitTable(job);
    const manifest = await latestManifest(store, 'contended');
    if (!manifest) throw new Error('There is no commit.');
    const files = await Promise.all(manifest.changes.map(({ key }) => store.read(key)));
    const rows = await queryLake(
      files.flatMap((file) => file?.bytes ?? []),
      'SELECT count(*)::INT AS n, count(DISTINCT change_id)::INT AS ids FROM lake',
    );
    expect(rows).toEqual([{ n: 121, ids: 121 }]);
  });
});
