import { paginateScan } from '@aws-sdk/client-dynamodb';
import type { MetricName, MetricWindow, OrderLine } from '@millrace/types';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dynamoRevenueStore } from '../../src/adapters/dynamo-revenue-store.ts';
import { parseDecimal } from '../../src/domain/decimal.ts';
import type { CellWrite } from '../../src/domain/engine/analytics-store.ts';
import { memoryOrderStore } from '../model/memory-order-store.ts';
import { bookedIn, revenueOf, step } from '../pipelines/orders/revenue.ts';
import { startTestDynamoDb, type TestDynamoDb } from '../support/dynamodb.ts';

let dynamoDb: TestDynamoDb;
beforeAll(async () => {
  dynamoDb = await startTestDynamoDb();
});
afterAll(() => dynamoDb.close());

test('orders of a hundred skus are booked and refunded once in DynamoDB, by two functions at once', async () => {
  const { client } = dynamoDb;
  const metricsTable = await dynamoDb.table('pk', 'sk');
  const statesTable = await dynamoDb.table('pk', 'sk');
  const store = dynamoRevenueStore({ client, metricsTable, statesTable });
  const lines = Array.from({ length: 100 }, (_, nth): OrderLine => {
    return { sku: `sku-${nth}`, quantity: nth + 1, unitPrice: 100 };
  });
  const orders = memoryOrderStore();
  const life = [
    step('paid', '2026-11-23T10:30:00Z', lines),
    step('cancelled', '2026-11-23T12:30:00Z', lines),
  ];
  await Promise.all(
    [life, life.toReversed()].map(async (events) => {
      for (const event of events) await revenueOf(store, orders)(event);
    }),
  );

  const booked = bookedIn(await cellsOf(metricsTable));
  expect(Object.keys(booked)).toHaveLength(600);
  expect(booked['orders.revenue 1h 2026-11-23T10:00:00Z KRW sku-41']).toBe('1 × 4200');
  expect(booked['orders.refunds 1d 2026-11-23T00:00:00Z KRW sku-99']).toBe('1 × 10000');
});

async function cellsOf(TableName: string): Promise<CellWrite[]> {
  const cells: CellWrite[] = [];
  for await (const { Items = [] } of paginateScan({ client: dynamoDb.client }, { TableName })) {
    for (const { pk, sk, tenant, metric, window, start, dimensions, count, sum } of Items) {
      const values = Object.entries(dimensions?.M ?? {}).map(([name, { S = '' }]) => [name, S]);
      cells.push({
        pk: String(pk?.S),
        sk: String(sk?.S),
        tenant: String(tenant?.S),
        metric: metric?.S as MetricName,
        window: window?.S as MetricWindow,
        start: String(start?.S),
        dimensions: Object.fromEntries(values),
        count: Number(count?.N),
        sum: parseDecimal(String(sum?.N)),
      });
    }
  }
  return cells;
}
