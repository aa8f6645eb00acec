import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoQuotaCounter } from '../../src/adapters/dynamo-quota-counter.ts';
import type { QuotaCounter } from '../../src/domain/quota/device-quotas.ts';
import { memoryQuotaCounter } from '../model/memory-quota-counter.ts';
import { startTestDynamoDb, type TestDynamoDb } from '../support/dynamodb.ts';

let dynamo: TestDynamoDb;
beforeAll(async () => {
  dynamo = await startTestDynamoDb();
});
afterAll(() => dynamo?.close());

const startsAt = Date.parse('2026-11-24T12:00:00Z');
const most = { inMinute: 5, inWindow: 8 };
const inMinute = (minute: number) => ({ startsAt, minute });

describe.each<[string, () => Promise<QuotaCounter>]>([
  ['in memory', async () => memoryQuotaCounter()],
  ['in DynamoDB', async () => dynamoQuotaCounter(dynamo.client, await dynamo.table('window'))],
])('the use of a sender %s', (_name, fresh) => {
  test('grows up to what a minute and a window hold', async () => {
    const counter = await fresh();
    const add = (minute: number, count: number) =>
      counter.add('wheel-1', inMinute(minute), count, most);
    expect(await add(0, 4)).toEqual({ added: true, use: { inMinute: 4, inWindow: 4 } });
    expect(await add(0, 2)).toEqual({ added: false, use: { inMinute: 4, inWindow: 4 } });
    expect(await add(0, 1)).toEqual({ added: true, use: { inMinute: 5, inWindow: 5 } });
    expect(await add(9, 4)).toEqual({ added: false, use: { inMinute: 0, inWindow: 5 } });
    expect(await add(9, 3)).toEqual({ added: true, use: { inMinute: 3, inWindow: 8 } });
    expect(await add(4, 1)).toEqual({ added: false, use: { inMinute: 0, inWindow: 8 } });
  });

  test('is its own, and of its own window', async () => {
    const counter = await fresh();
    expect((await counter.add('a', inMinute(0), 5, most)).added).toBe(true);
    expect((await counter.add('b', inMinute(0), 5, most)).added).toBe(true);
    const next = { startsAt: startsAt + 600_000, minute: 0 };
    expect((await counter.add('a', next, 5, most)).added).toBe(true);
  });

  test('never exceeds the quota at its first message either', async () => {
    const counter = await fresh();
    expect((await counter.add('a', inMinute(0), 6, most)).added).toBe(false);
    expect((await counter.add('a', inMinute(0), 1, { inMinute: 0, inWindow: 0 })).added).toBe(
      false,
    );
  });

  test('counts environments that ask at once, each once', async () => {
    const counter = await fresh();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => counter.add('a', inMinute(3), 1, most)),
    );
    expect(answers.filter(({ added }) => added)).toHaveLength(5);
  });
});

test('a window is forgotten a day after it began', async () => {
  const table = await dynamo.table('window');
  await dynamoQuotaCounter(dynamo.client, table).add('a', inMinute(0), 1, most);
  const { Item } = await dynamo.client.send(
    new GetItemCommand({ TableName: table, Key: { window: { S: '2026-11-24T12:00:00.000Z#a' } } }),
  );
  expect(Item?.expiresAt?.N).toBe(String(startsAt / 1000 + 86_400));
});
