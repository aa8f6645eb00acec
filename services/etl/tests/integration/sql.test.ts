import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  PutCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import { eventually, testStack } from '@millrace/local-cloud/testing';
import type { OrderItem } from '@millrace/types';
import { describe, expect, it } from 'vitest';
import { order, storedOrders } from './stored-orders.ts';

const ORDERS = 'millrace-local-orders';

const stack = testStack('etl', 'stream-analytics');
const dynamo = DynamoDBDocumentClient.from(stack.client(DynamoDBClient));

async function put(Item: object) {
  await dynamo.send(new PutCommand({ TableName: ORDERS, Item }));
}

async function remove({ tenant, orderId }: OrderItem) {
  await dynamo.send(new DeleteCommand({ TableName: ORDERS, Key: { tenant, orderId } }));
}

const storedAs = (tenant: string, expected: readonly string[]) =>
  eventually(
    () => storedOrders(stack.postgresUrl, tenant),
    (states) => states.join() === expected.join(),
    // The engine makes its database first.
    { everyMs: 300, timeoutMs: 150_000 },
  );

describe('PostgreSQL of a running stack', () => {
  it('holds the newest state of every order, and none that was removed', async () => {
    const [one, two] = [order('acme', 'o-1', 100), order('acme', 'o-2', 9_007_199_254_740_991)];
    await put(one);
    await put({ ...one, status: 'paid' });
    await put(two);
    await put(order('acme', 'o-3', 3));
    await remove(order('acme', 'o-3', 3));
    const expected = ['o-1 paid 100', 'o-2 placed 9007199254740991'];
    expect(await storedAs('acme', expected)).toEqual(expected);
  }, 180_000);

  it('takes what is right when something between is wrong, which is put aside with its reason', async () => {
    await put(order('bad', 'b-1', 1));
    await put({ ...order('bad', 'b-2', 2), total: 'two' });
    await put(order('bad', 'b-3', 3));
    const expected = ['b-1 placed 1', 'b-3 placed 3'];
    expect(await storedAs('bad', expected)).toEqual(expected);
    const { Items = [] } = await dynamo.send(
      new QueryCommand({
        TableName: 'millrace-local-etl-dead-letters',
        KeyConditionExpression: 'pk = :source',
        ExpressionAttributeValues: { ':source': 'millrace-etl-local-upsertOrders' },
      }),
    );
    expect(Items).toMatchObject([{ status: 'open', reasonCode: 'item_invalid' }]);
  });

  it('loses nothing when everything is killed in the middle', async () => {
    const placed = Array.from({ length: 60 }, (_, n) =>
      order('killed', `k-${String(n).padStart(3, '0')}`, n),
    );
    for (const item of placed.slice(0, 40)) await put(item);
    await stack.killAndRestart();
    for (const item of placed.slice(40)) await put(item);
    const expected = placed.map(({ orderId, total }) => `${orderId} placed ${total}`);
    expect(await storedAs('killed', expected)).toEqual(expected);
  }, 240_000);
});
