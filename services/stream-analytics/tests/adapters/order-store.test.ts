import { orderItemFrom } from '@millrace/types';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoOrderStore } from '../../src/adapters/dynamo-order-store.ts';
import { projectOrder } from '../../src/pipelines/orders/project-order.ts';
import { memoryOrderStore } from '../model/memory-order-store.ts';
import { orderEvent } from '../model/orders.ts';
import { startTestDynamoDb, type TestDynamoDb } from '../support/dynamodb.ts';

let dynamoDb: TestDynamoDb;
beforeAll(async () => {
  dynamoDb = await startTestDynamoDb();
});
afterAll(() => dynamoDb.close());

const placed = orderItemFrom(orderEvent('placed', 9), 'acme');
const paid = { status: 'paid', updatedAt: '2026-11-23T10:00:00.000Z' } as const;

describe.each([
  ['in memory', async () => memoryOrderStore()],
  [
    'in DynamoDB',
    async () =>
      dynamoOrderStore({
        client: dynamoDb.client,
        table: await dynamoDb.table('tenant', 'orderId'),
      }),
  ],
] as const)('an order store %s', (_, open) => {
  test('creates an order once', async () => {
    const store = await open();
    expect(await store.find('acme', 'o1')).toBeUndefined();
    expect(await store.create(placed)).toBe(true);
    expect(await store.create({ ...placed, customerId: 'another' })).toBe(false);
    expect(await store.find('acme', 'o1')).toEqual(placed);
    expect(await store.find('other', 'o1')).toBeUndefined();
  });

  test('moves an order only from the state that the caller saw', async () => {
    const store = await open();
    await store.create(placed);
    expect(await store.move(placed, placed, paid)).toBe(true);
    expect(await store.move(placed, placed, { ...paid, status: 'cancelled' })).toBe(false);
    expect(await store.find('acme', 'o1')).toEqual({ ...placed, ...paid });
  });

  test('moves no order that does not exist', async () => {
    const store = await open();
    expect(await store.move(placed, placed, paid)).toBe(false);
    expect(await store.find('acme', 'o1')).toBeUndefined();
  });

  test('ends in the newest state when writers race', async () => {
    const store = await open();
    const life = [orderEvent('placed', 9), orderEvent('paid', 10), orderEvent('shipped', 11)];
    await Promise.all([...life, ...life].map((event) => projectOrder(event, 'acme', store)));
    expect(await store.find('acme', 'o1')).toMatchObject({
      status: 'shipped',
      updatedAt: '2026-11-23T11:00:00.000Z',
    });
  });
});
