import { GetItemCommand, QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { lambdaContext } from '@millrace/middleware/testing';
import type { KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { clickEvent } from '../model/events.ts';
import { orderEvent } from '../model/orders.ts';
import { referenceTotals } from '../model/reference.ts';
import { startTestDynamoDb, type TestDynamoDb, totalsOf } from '../support/dynamodb.ts';

const tables = { metrics: '', states: '', seenEvents: '', orders: '', letters: '' };
let dynamoDb: TestDynamoDb;

beforeAll(async () => {
  dynamoDb = await startTestDynamoDb();
  tables.metrics = await dynamoDb.table('pk', 'sk');
  tables.states = await dynamoDb.table('pk', 'sk');
  tables.seenEvents = await dynamoDb.table('pk', 'sk');
  tables.orders = await dynamoDb.table('tenant', 'orderId');
  tables.letters = await dynamoDb.table('pk', 'sk');
  const endpoint = await dynamoDb.client.config.endpoint?.();
  vi.stubEnv('AWS_ENDPOINT_URL', `http://${endpoint?.hostname}:${endpoint?.port}`);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'millrace');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'millrace');
  vi.stubEnv('METRICS_TABLE', tables.metrics);
  vi.stubEnv('STATES_TABLE', tables.states);
  vi.stubEnv('SEEN_EVENTS_TABLE', tables.seenEvents);
  vi.stubEnv('ORDERS_TABLE', tables.orders);
  vi.stubEnv('DEAD_LETTERS_TABLE', tables.letters);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await dynamoDb.close();
});

const STREAM = 'arn:aws:kinesis:us-east-1:000000000000:stream/millrace-local-events';

function batchOf(...values: unknown[]): KinesisStreamEvent {
  return { Records: values.map(recordOf) };
}

function recordOf(value: unknown, at: number): KinesisStreamRecord {
  const sequenceNumber = `4959033827149025660855969253836157109592157598913665817${at}`;
  return {
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey: 'acme/v1',
      sequenceNumber,
      data: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString(
        'base64',
      ),
      approximateArrivalTimestamp: 1795426867.325,
    },
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: `shardId-000000000000:${sequenceNumber}`,
    eventName: 'aws:kinesis:record',
    invokeIdentityArn: 'arn:aws:iam::000000000000:role/millrace',
    awsRegion: 'us-east-1',
    eventSourceARN: STREAM,
  };
}

async function reasons(source: string) {
  const { Items = [] } = await dynamoDb.client.send(new ScanCommand({ TableName: tables.letters }));
  return Items.filter(({ pk }) => pk?.S === source).map(({ sk, reasonCode }) => [
    sk?.S,
    reasonCode?.S,
  ]);
}

test('countEvents counts what is new, puts poison aside once and lets the stream go on', async () => {
  const { handler } = await import('../../src/handlers/count-events.ts');
  const { event, tenant } = clickEvent('1');
  const batch = batchOf({ ...event, tenant }, '{"id":', { ...event, tenant });
  for (let delivery = 0; delivery < 2; delivery += 1) {
    expect(await handler(batch, lambdaContext('count'))).toEqual({ batchItemFailures: [] });
  }
  expect(await totalsOf(dynamoDb.client, tables.metrics)).toEqual(
    referenceTotals([clickEvent('1')]),
  );
  expect(await reasons('count')).toEqual([[batch.Records[1]?.eventID, 'event_not_json']]);
});

test('countEvents asks for its batch again when it is about to be stopped', async () => {
  const { handler } = await import('../../src/handlers/count-events.ts');
  const { event, tenant } = clickEvent('2');
  const batch = batchOf({ ...event, tenant });
  expect(
    await handler(
      batch,
      lambdaContext('count', () => 2_000),
    ),
  ).toEqual({
    batchItemFailures: [{ itemIdentifier: batch.Records[0]?.kinesis.sequenceNumber }],
  });
});

test('projectOrders keeps the newest state and ignores what is no order', async () => {
  const { handler } = await import('../../src/handlers/project-orders.ts');
  const batch = batchOf(
    orderEvent('placed', 9),
    clickEvent('3').event,
    '{"id":',
    orderEvent('shipped', 11),
    orderEvent('cancelled', 12),
    orderEvent('placed', 9),
  );
  expect(await handler(batch, lambdaContext('project'))).toEqual({ batchItemFailures: [] });
  const { Item } = await dynamoDb.client.send(
    new GetItemCommand({
      TableName: tables.orders,
      Key: { tenant: { S: 'default' }, orderId: { S: 'o1' } },
    }),
  );
  expect(Item).toMatchObject({ status: { S: 'shipped' }, total: { N: '3000' } });
  expect(await reasons('project')).toEqual([
    [batch.Records[4]?.eventID, 'order_transition_illegal'],
  ]);
});

test('projectOrders counts the revenue of a paid order once, and refuses a time that cannot be', async () => {
  const { handler } = await import('../../src/handlers/project-orders.ts');
  const batch = batchOf(
    orderEvent('paid', 10, 'o2'),
    { ...orderEvent('paid', 10, 'o3'), time: '1970-01-01T00:00:00Z' },
    orderEvent('shipped', 11, 'o2'),
  );
  for (let delivery = 0; delivery < 2; delivery += 1) {
    expect(await handler(batch, lambdaContext('revenue'))).toEqual({ batchItemFailures: [] });
  }
  const { Items = [] } = await dynamoDb.client.send(
    new QueryCommand({
      TableName: tables.metrics,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :start)',
      ExpressionAttributeValues: {
        ':pk': { S: 'default#orders.revenue#1h' },
        ':start': { S: '2026-11-23T10:00:00Z' },
      },
    }),
  );
  expect(Items).toMatchObject([
    { count: { N: '1' }, sum: { N: '3000' }, dimensions: { M: { sku: { S: 'a' } } } },
  ]);
  expect(await reasons('revenue')).toEqual([
    [batch.Records[1]?.eventID, 'event_time_out_of_range'],
  ]);
});
