import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { DeleteCommand, DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { queryLake } from '@millrace/lake/testing';
import { eventually, testStack } from '@millrace/local-cloud/testing';
import { expect, it } from 'vitest';

const LAKE = 'millrace-local-lake';
const TableName = 'millrace-local-orders';
const stack = testStack('etl', 'stream-analytics');
const s3 = stack.client(S3Client);
const documents = DynamoDBDocumentClient.from(stack.client(DynamoDBClient));
const patience = { timeoutMs: 120_000, everyMs: 500 };

const orders = Array.from({ length: 5 }, (_, n) => ({
  ...{ tenant: 'acme', orderId: `o-${n}`, customerId: 'c', status: 'placed', currency: 'KRW' },
  lines: [{ sku: 'book', quantity: 1, unitPrice: 100 }],
  ...{ total: 100, createdAt: '2026-11-23T09:00:00.000Z', updatedAt: '2026-11-23T09:00:00.000Z' },
}));

/** `npx millrace dead-letters … --function loadOrders --json`: the table's other sink has its own. */
async function deadLetters(...args: string[]) {
  const program = join(import.meta.dirname, '../../../../packages/operations/src/main.ts');
  const env = { ...process.env, NO_COLOR: '1', MILLRACE_EDGE_PORT: new URL(stack.edgeUrl).port };
  const which = ['--service', 'etl', '--function', 'loadOrders'];
  const command = ['dead-letters', ...args, ...which, '--json'];
  const child = spawn(process.execPath, [program, ...command], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const report = JSON.parse(await text(child.stdout));
  const [code] = await ended;
  return { code, report };
}

const tell = async (method: string, path: string, body?: unknown) => {
  const init = { method, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const answer = await fetch(`${stack.edgeUrl}/_millrace/${path}`, init);
  expect(answer.ok).toBe(true);
};

/** `INSERT o-1`, every row of the lake. */
async function changes(): Promise<string[]> {
  const Prefix = 'changes/table=orders/';
  const page = await s3.send(new ListObjectsV2Command({ Bucket: LAKE, Prefix }));
  const files = await Promise.all(
    (page.Contents ?? []).map(async ({ Key }) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: LAKE, Key }));
      return (await Body?.transformToByteArray()) ?? new Uint8Array();
    }),
  );
  if (files.length === 0) return [];
  const rows = await queryLake(
    files,
    `SELECT concat_ws(' ', op, order_id) AS change FROM lake ORDER BY order_id, sequence`,
  );
  return rows.map(({ change }) => String(change));
}

/** The whole day passes in which a stream keeps its records, with what the function cannot end. */
async function givenUp(count: number): Promise<void> {
  await eventually(
    async () => {
      await tell('POST', 'clock', { advanceMs: 86_400_000 });
      return (await deadLetters('list', '--kind', 'batch')).report.entries;
    },
    (entries) =>
      entries.reduce((sum: number, { records }: { records: number }) => sum + records, 0) === count,
    patience,
  );
}

const fault = (kind: string) =>
  tell('PUT', 'faults', { seed: 1, invocations: [{ function: '*-loadOrders', [kind]: 1 }] });

it('changes that were given up are loaded from the stream of the table, each once', async () => {
  // Loaded, but nobody heard of it: what is replayed must be the same change to the lake.
  await fault('loseAnswer');
  for (const Item of orders) await documents.send(new PutCommand({ TableName, Item }));
  const inserted = orders.map(({ orderId }) => `INSERT ${orderId}`);
  await eventually(changes, ({ length }) => length === orders.length, patience);
  await givenUp(orders.length);
  await tell('DELETE', 'faults');
  const again = await deadLetters('redrive', '--yes');
  expect([again.code, again.report.stays]).toEqual([0, 0]);
  expect(again.report.accepted).toBeGreaterThan(0);
  expect(await changes()).toEqual(inserted);

  // Never loaded, and with one that the pipeline refuses.
  await fault('error');
  for (const { tenant, orderId } of orders) {
    await documents.send(new DeleteCommand({ TableName, Key: { tenant, orderId } }));
  }
  const Item = { tenant: 'acme', orderId: 'bad', total: 'much' };
  await documents.send(new PutCommand({ TableName, Item }));
  await givenUp(orders.length + 1);
  expect(await changes()).toEqual(inserted);
  await tell('DELETE', 'faults');
  expect((await deadLetters('redrive', '--yes', '--kind', 'batch')).code).toBe(0);
  const both = orders.flatMap(({ orderId }) => [`INSERT ${orderId}`, `REMOVE ${orderId}`]);
  expect(await changes()).toEqual(both);

  const { report } = await deadLetters('list');
  expect(report.entries).toMatchObject([
    { kind: 'letter', function: 'loadOrders', status: 'open' },
  ]);
  const refused = await deadLetters('redrive', '--yes');
  expect([refused.code, refused.report.rejected]).toEqual([1, 1]);
  expect((await deadLetters('list')).report.entries).toHaveLength(1);
}, 400_000);
