import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { DeleteCommand, DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { postgresUrl } from '@millrace/local-cloud/addresses';
import { createPostgres } from '@millrace/local-cloud/postgres';
import { eventually, testStack } from '@millrace/local-cloud/testing';
import { afterAll, expect, it } from 'vitest';
import { order, storedOrders } from './stored-orders.ts';

const ORDERS = 'millrace-local-orders';

/** A port at which nobody listens, to begin with. */
const port = await new Promise<number>((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port: free } = server.address() as { port: number };
    server.close(() => resolve(free));
  });
});
const url = postgresUrl(port);
process.env.MILLRACE_DATABASE_URL = url;

const stack = testStack('etl', 'stream-analytics');
const s3 = stack.client(S3Client);
const dynamo = DynamoDBDocumentClient.from(stack.client(DynamoDBClient));

const stateDir = mkdtempSync(join(tmpdir(), 'millrace-outage-'));
const postgres = createPostgres({ stateDir, log: () => {} });
afterAll(async () => {
  await postgres.close();
  rmSync(stateDir, { recursive: true, force: true });
});

it('the lake goes on while PostgreSQL is away, which then has everything', async () => {
  const orders = Array.from({ length: 30 }, (_, n) =>
    order('acme', `o-${String(n).padStart(2, '0')}`, n),
  );
  for (const item of orders) await put(item);
  for (const { tenant, orderId } of orders.slice(25)) {
    await dynamo.send(new DeleteCommand({ TableName: ORDERS, Key: { tenant, orderId } }));
  }
  await eventually(
    () => s3.send(new ListObjectsV2Command({ Bucket: 'millrace-local-lake' })),
    ({ KeyCount = 0 }) => KeyCount > 0,
  );
  expect(await storedOrders(url, 'acme')).toEqual([]);

  await postgres.listen(port);
  const [first = order('acme', 'o-00', 0)] = orders;
  await put({ ...first, status: 'paid' });
  const expected = orders
    .slice(0, 25)
    .map(({ orderId, total }, n) => `${orderId} ${n === 0 ? 'paid' : 'placed'} ${total}`);
  const stored = await eventually(
    () => storedOrders(url, 'acme'),
    (states) => states.join() === expected.join(),
    { everyMs: 500, timeoutMs: 180_000 },
  );
  expect(stored).toEqual(expected);
}, 300_000);

async function put(Item: object) {
  await dynamo.send(new PutCommand({ TableName: ORDERS, Item }));
}
