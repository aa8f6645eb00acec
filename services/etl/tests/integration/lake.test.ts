import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { parquetFormat } from '@millrace/lake/parquet';
import { s3LakeObjects } from '@millrace/lake/s3';
import { queryLake } from '@millrace/lake/testing';
import { eventually, testStack } from '@millrace/local-cloud/testing';
import type { DocumentItem, OrderItem } from '@millrace/types';
import { describe, expect, it } from 'vitest';
import { loadChanges } from '../../src/domain/load-changes.ts';
import { orders } from '../../src/domain/pipelines/orders.ts';
import { history } from '../changes.ts';

const LAKE = 'millrace-local-lake';
const ORDERS = 'millrace-local-orders';
const DOCUMENTS = 'millrace-local-documents';
const FUNCTION = 'millrace-etl-local-loadOrders';

const stack = testStack('etl', 'stream-analytics');
const s3 = stack.client(S3Client);
const documents = DynamoDBDocumentClient.from(stack.client(DynamoDBClient));

function order(tenant: string, orderId: string, total: number): OrderItem {
  return {
    ...{ tenant, orderId, customerId: '손님 1', status: 'placed', currency: 'KRW', total },
    lines: [{ sku: 'book', quantity: 1, unitPrice: total }],
    createdAt: '2026-11-23T09:00:00.000Z',
    updatedAt: '2026-11-23T09:00:00.000Z',
  };
}

async function put(item: object, TableName = ORDERS) {
  await documents.send(new PutCommand({ TableName, Item: item }));
}

async function pay({ tenant, orderId }: OrderItem) {
  await documents.send(
    new UpdateCommand({
      TableName: ORDERS,
      Key: { tenant, orderId },
      UpdateExpression: 'SET #status = :paid',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: { ':paid': 'paid' },
    }),
  );
}

async function remove({ tenant, orderId }: OrderItem) {
  await documents.send(new DeleteCommand({ TableName: ORDERS, Key: { tenant, orderId } }));
}

/** All objects of a table. An object that is replaced between list and read is read new. */
async function lakeFiles(table = 'orders'): Promise<Uint8Array[]> {
  const Prefix = `changes/table=${table}/`;
  const page = await s3.send(new ListObjectsV2Command({ Bucket: LAKE, Prefix }));
  return await Promise.all(
    (page.Contents ?? []).map(async ({ Key }) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: LAKE, Key }));
      return (await Body?.transformToByteArray()) ?? new Uint8Array();
    }),
  );
}

/** `INSERT o-1 placed 100`, in the order of the changes of each order. */
async function changesOf(tenant: string): Promise<string[]> {
  const files = await lakeFiles();
  if (files.length === 0) return [];
  const rows = await queryLake(
    files,
    `SELECT concat_ws(' ', op, order_id, status, total::VARCHAR) AS change
       FROM lake WHERE tenant = '${tenant}' ORDER BY order_id, sequence`,
  );
  return rows.map(({ change }) => String(change));
}

/** The changes of a tenant as soon as there are so many. */
const changesAtLeast = (tenant: string, count: number) =>
  eventually(
    () => changesOf(tenant),
    ({ length }) => length >= count,
    { everyMs: 250 },
  );

describe('the lake of a running stack', () => {
  it('holds every change of an order as DuckDB reads it', async () => {
    const one = order('acme', 'o-1', 100);
    const two = order('acme', 'o-2', 9_007_199_254_740_991);
    await put(one);
    await pay(one);
    await remove(one);
    await put(two);
    expect(await changesAtLeast('acme', 4)).toEqual([
      'INSERT o-1 placed 100',
      'MODIFY o-1 paid 100',
      'REMOVE o-1 paid 100',
      'INSERT o-2 placed 9007199254740991',
    ]);
    const [row] = await queryLake(
      await lakeFiles(),
      `SELECT old_image, json_extract_string(new_image, '$.customerId') AS customer
         FROM lake WHERE order_id = 'o-1' AND op = 'MODIFY'`,
    );
    expect(JSON.parse(String(row?.old_image))).toEqual(one);
    expect(row?.customer).toBe('손님 1');
  });

  it('holds every state of a document, and its end', async () => {
    const state = {
      tenant: 'acme',
      documentId: 'wiki:mill',
      updatedAt: '2026-11-23T09:00:00.000Z',
    };
    const written: DocumentItem = { ...state, order: '0A', title: '물레방아', text: 'It turns.' };
    await put(written, DOCUMENTS);
    await put({ ...state, order: '0B', deleted: true, expiresAt: 1_900_000_000 }, DOCUMENTS);
    const rows = await eventually(
      async () => {
        const files = await lakeFiles('documents');
        if (files.length === 0) return [];
        return await queryLake(
          files,
          `SELECT concat_ws(' ', op, document_id, event_order, deleted, title) AS change,
                  json_extract_string(new_image, '$.text') AS text FROM lake ORDER BY sequence`,
        );
      },
      ({ length }) => length >= 2,
      { everyMs: 250 },
    );
    expect(rows).toEqual([
      { change: 'INSERT wiki:mill 0A false 물레방아', text: 'It turns.' },
      { change: 'MODIFY wiki:mill 0B true', text: null },
    ]);
  });

  it('takes what is right when something between is wrong, which is put aside with its reason', async () => {
    const broken = { ...order('bad', 'b-2', 2), total: 'two' };
    await put(order('bad', 'b-1', 1));
    await put(broken);
    await put(order('bad', 'b-3', 3));
    expect(await changesAtLeast('bad', 2)).toEqual(['INSERT b-1 placed 1', 'INSERT b-3 placed 3']);
    const { Items = [] } = await documents.send(
      new QueryCommand({
        TableName: 'millrace-local-etl-dead-letters',
        KeyConditionExpression: 'pk = :source',
        ExpressionAttributeValues: { ':source': FUNCTION },
      }),
    );
    expect(Items).toMatchObject([{ status: 'open', reasonCode: 'item_invalid' }]);
    expect(Items[0]?.reasonMessage).toContain('/total');
    expect(JSON.stringify(Items[0]?.reasonMessage)).not.toContain('two');
  });

  it('loses and doubles nothing when everything is killed in the middle', async () => {
    const placed = Array.from({ length: 120 }, (_, n) =>
      order('killed', `k-${String(n).padStart(3, '0')}`, n),
    );
    for (const item of placed.slice(0, 80)) await put(item);
    await stack.killAndRestart();
    for (const item of placed.slice(80)) await put(item);
    expect(await changesAtLeast('killed', placed.length)).toEqual(
      placed.map(({ orderId, total }) => `INSERT ${orderId} placed ${total}`),
    );
  });
});

it('many writers that meet at the same objects of S3 add each row once', async () => {
  const changes = history(60);
  const objects = s3LakeObjects(s3, LAKE);
  const pipeline = { ...orders, table: 'contended' };
  const lake = { objects, format: parquetFormat, pause: pauseFor };
  const refuse = () => Promise.reject(new Error('nothing here is invalid'));
  const batches = [0, 7, 20, 33].flatMap((from) => [
    changes.slice(from, from + 27),
    changes.slice(from, from + 40),
  ]);
  await Promise.all(batches.map((batch) => loadChanges(batch, pipeline, lake, refuse)));
  const Prefix = 'changes/table=contended/';
  const page = await s3.send(new ListObjectsV2Command({ Bucket: LAKE, Prefix }));
  const stored = await Promise.all(
    (page.Contents ?? []).map(async ({ Key = '' }) => (await objects.read(Key))?.bytes),
  );
  const rows = await queryLake(
    stored.filter((bytes) => bytes !== undefined),
    'SELECT change_id FROM lake ORDER BY change_id',
  );
  expect(rows.map((row) => row.change_id)).toEqual(changes.map(({ id }) => id));
});

async function pauseFor(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, Math.random() * ms));
}
