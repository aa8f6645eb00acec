import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { eventually, testStack } from '@millrace/local-cloud/testing';
import { partitionKeyOf } from '@millrace/types';
import { describe, expect, test } from 'vitest';
import type { IncomingEvent } from '../../src/domain/incoming-event.ts';
import { clickEvent, largeReading, telemetryEvent } from '../model/events.ts';
import { orderEvent } from '../model/orders.ts';
import { referenceTotals, type Totals } from '../model/reference.ts';
import { totalsOf } from '../support/dynamodb.ts';
import { HASH_KEYS, lettersOf, putRecords, type Sent } from '../support/stream.ts';

const LAST_MINUTE = '2026-11-23T12:00:00Z';

/** All events that were ever sent to the counters. */
const everything: IncomingEvent[] = [];

const stack = testStack('stream-analytics');
const kinesis = stack.client(KinesisClient);
const dynamoDb = stack.client(DynamoDBClient);

const recordOf = ({ event, tenant }: IncomingEvent): Sent => ({
  PartitionKey: partitionKeyOf(event, tenant),
  Data: Buffer.from(JSON.stringify({ ...event, tenant })),
});

/** Clicks, readings and a few readings too large for one transaction, over seven minutes. */
function someEvents(size: number, name: string): IncomingEvent[] {
  return Array.from({ length: size }, (_, at): IncomingEvent => {
    if (at % 100 === 0) return largeReading(`${name}-${at}`);
    const { event, tenant } =
      at % 3 === 0
        ? telemetryEvent(`${name}-${at}`, { celsius: at / 10 })
        : clickEvent(`${name}-${at}`);
    return { tenant, event: { ...event, time: `2026-11-23T09:${10 + (at % 7)}:07Z` } };
  });
}

/** The same event under another key: it may well go through the other shard. */
const elsewhere = (sent: Sent): Sent => ({ ...sent, PartitionKey: `${sent.PartitionKey}!` });

const put = (records: readonly Sent[]) => putRecords(kinesis, records);

const metrics = () => totalsOf(dynamoDb, 'millrace-local-metrics');

/**
 * Resolves when all that was put before is counted. A batch that follows the one of the first last
 * events begins only when that one is done, so two rounds make sure. Answers the last events.
 */
async function drained(name: string): Promise<IncomingEvent[]> {
  return [...(await lastOfShards(`${name}-1`)), ...(await lastOfShards(`${name}-2`))];
}

/** Sends one event through each shard and waits until they are counted. */
async function lastOfShards(name: string): Promise<IncomingEvent[]> {
  const last = HASH_KEYS.map((key) => clickEvent(`${name}-${key}`, { time: LAST_MINUTE }));
  const before = counted(await metrics(), LAST_MINUTE);
  await put(last.map((one, at) => ({ ...recordOf(one), ExplicitHashKey: HASH_KEYS[at] ?? '0' })));
  await eventually(metrics, (totals) => counted(totals, LAST_MINUTE) >= before + last.length, {
    timeoutMs: 120_000,
  });
  return last;
}

const counted = (totals: Totals, minute = '') =>
  Object.entries(totals)
    .filter(([key]) => key.includes(minute))
    .reduce((sum, [, { count }]) => sum + count, 0);

const lettersIn = async (functionName: string) =>
  (await lettersOf(dynamoDb, functionName)).map(({ code, payload }) => ({
    code,
    payload: payload.toString('utf8'),
  }));

const orderOf = async (orderId: string) => {
  const { Item } = await DynamoDBDocumentClient.from(dynamoDb).send(
    new GetCommand({
      TableName: 'millrace-local-orders',
      Key: { tenant: 'acme', orderId },
      ConsistentRead: true,
    }),
  );
  return Item;
};

test('2,000 events with duplicates and poison through the stream: exact counts, poison put aside', async () => {
  const events = someEvents(1_800, 'first');
  const duplicates = events.filter((_, at) => at % 9 === 0).map(recordOf);
  const poison = ['{"specversion":', '[]', '{"specversion":"1.0","id":"x"}'].map((text, at) => ({
    PartitionKey: `poison${at}`,
    Data: Buffer.from(text),
  }));
  const sent = events.map(recordOf);
  await put([
    ...sent.slice(0, 900),
    ...duplicates.slice(0, 50),
    ...poison,
    ...sent.slice(900),
    ...duplicates.slice(50).map(elsewhere),
  ]);
  everything.push(...events, ...(await drained('first')));

  expect(await metrics()).toEqual(referenceTotals(everything));
  const letters = await lettersIn('countEvents');
  expect(letters.map(({ code, payload }) => `${code} ${payload}`).toSorted()).toEqual([
    'event_invalid []',
    'event_invalid {"specversion":"1.0","id":"x"}',
    'event_not_json {"specversion":',
  ]);
}, 300_000);

test('killed in the middle of its work and started again, it loses and doubles nothing', async () => {
  const events = someEvents(3_000, 'second');
  const before = counted(await metrics());
  await put(events.map(recordOf));
  await eventually(metrics, (totals) => counted(totals) > before);
  await stack.killAndRestart();
  everything.push(...events, ...(await drained('second')));

  expect(await metrics()).toEqual(referenceTotals(everything));
}, 300_000);

describe('orders of the stream', () => {
  const send = (...events: ReturnType<typeof orderEvent>[]) =>
    put(events.map((event) => recordOf({ event, tenant: 'acme' })));

  test('reach the table at their newest state, an impossible step goes to the dead letters', async () => {
    await send(
      orderEvent('placed', 9, 'o1'),
      orderEvent('placed', 9, 'o1'),
      orderEvent('paid', 10, 'o1'),
      orderEvent('placed', 9, 'o2'),
      orderEvent('shipped', 11, 'o1'),
      orderEvent('paid', 10, 'o1'),
      orderEvent('cancelled', 12, 'o1'),
      orderEvent('cancelled', 12, 'o2'),
    );
    const letters = await eventually(
      () => lettersIn('projectOrders'),
      (read) => read.length > 0,
    );
    const cancelled = await eventually(
      () => orderOf('o2'),
      (order) => order?.status === 'cancelled',
    );

    expect(letters).toEqual([
      { code: 'order_transition_illegal', payload: expect.stringContaining('"o1-cancelled"') },
    ]);
    expect(await orderOf('o1')).toEqual({
      tenant: 'acme',
      orderId: 'o1',
      customerId: 'c1',
      status: 'shipped',
      currency: 'KRW',
      lines: [{ sku: 'a', quantity: 2, unitPrice: 1500 }],
      total: 3000,
      createdAt: '2026-11-23T09:00:00.000Z',
      updatedAt: '2026-11-23T11:00:00.000Z',
    });
    expect(cancelled).toMatchObject({ status: 'cancelled', total: 3000 });
  });
});
