import { GetItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Increment } from '../../src/domain/counting/contributions.ts';
import { countRecords } from '../../src/domain/counting/count-records.ts';
import { slicesOf } from '../../src/domain/counting/slices.ts';
import { decimalOf } from '../../src/domain/decimal.ts';
import { deliverShard, unpaced } from '../model/deliver.ts';
import { clickEvent, largeReading, shards, telemetryEvent } from '../model/events.ts';
import { faults, faultyCountStore } from '../model/faulty-count-store.ts';
import { memoryCountStore } from '../model/memory-count-store.ts';
import { referenceTotals, totalKey } from '../model/reference.ts';
import { freshCountStore, startTestDynamoDb, type TestDynamoDb } from '../support/dynamodb.ts';

let dynamoDb: TestDynamoDb;
beforeAll(async () => {
  dynamoDb = await startTestDynamoDb();
});
afterAll(() => dynamoDb.close());

const increment = (metric: string, value: number): Increment => ({
  pk: 'acme#telemetry.metric',
  sk: `2026-11-23T09:41:00Z#${metric}`,
  tenant: 'acme',
  metric: 'telemetry.metric',
  minute: '2026-11-23T09:41:00Z',
  dimensions: { deviceId: 'd1', metric },
  count: 1,
  sum: decimalOf(value),
});
const keyOf = (metric: string) =>
  totalKey('acme', 'telemetry.metric', '2026-11-23T09:41:00Z', { deviceId: 'd1', metric });

describe.each([
  ['in memory', async () => memoryCountStore()],
  ['in DynamoDB', () => freshCountStore(dynamoDb)],
] as const)('a count store %s', (_, open) => {
  test('adds counts and sums to what is there', async () => {
    const store = await open();
    expect(await store.commit(['a'], [increment('t', 0.1), increment('u', 5)])).toEqual({
      kind: 'committed',
    });
    expect(await store.commit(['b'], [increment('t', 0.2)])).toEqual({ kind: 'committed' });
    expect(await store.totals()).toEqual({
      [keyOf('t')]: { count: 2, sum: '0.3' },
      [keyOf('u')]: { count: 1, sum: '5' },
    });
  });

  test('tells exactly the claims that it has and writes nothing', async () => {
    const store = await open();
    await store.commit(['a', 'c'], [increment('t', 1)]);
    const outcome = await store.commit(['a', 'b', 'c', 'd'], [increment('t', 1)]);
    expect(outcome).toEqual({ kind: 'duplicates', claims: new Set(['a', 'c']) });
    expect(await store.commit(['b', 'd'], [increment('t', 1)])).toEqual({ kind: 'committed' });
    expect(await store.totals()).toEqual({ [keyOf('t')]: { count: 2, sum: '2' } });
  });

  test('lets one of many commits of a claim through', async () => {
    const store = await open();
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () => store.commit(['a'], [increment('t', 1)])),
    );
    expect(outcomes.filter(({ kind }) => kind === 'committed')).toHaveLength(1);
    expect(await store.totals()).toEqual({ [keyOf('t')]: { count: 1, sum: '1' } });
  });
});

describe('counters in DynamoDB', () => {
  test('count every event once, whatever is repeated, cut, lost or killed', async () => {
    const borders = fc.array(fc.integer({ min: 0, max: 25 }), { maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(shards, borders, faults, async (drawn, sizes, script) => {
        const store = await freshCountStore(dynamoDb);
        const faulty = faultyCountStore(store, script);
        await Promise.all(drawn.map((shard) => deliverShard(shard, sizes, faulty)));
        expect(await store.totals()).toEqual(referenceTotals(drawn.flat()));
      }),
      { numRuns: 25 },
    );
  }, 60_000);

  test('keep 38 digits', async () => {
    const store = await freshCountStore(dynamoDb);
    const large = { ...increment('t', 0), sum: 99_999_999_999_999_999_999n * 10n ** 18n };
    const small = { ...increment('t', 0), sum: 123_456_789_012_345_678n };
    await store.commit(['a'], [large]);
    await store.commit(['b'], [small]);
    expect(await store.totals()).toEqual({
      [keyOf('t')]: { count: 2, sum: '99999999999999999999.123456789012345678' },
    });
  });

  test('refuse what would need more digits, alone, and go on', async () => {
    const store = await freshCountStore(dynamoDb);
    const full = telemetryEvent('2', { full: 1 });
    const [item] = slicesOf(full.event, full.tenant, 0)[0]?.increments.slice(1) ?? [];
    await dynamoDb.client.send(
      new PutItemCommand({
        TableName: store.metricsTable,
        Item: {
          pk: { S: String(item?.pk) },
          sk: { S: String(item?.sk) },
          sum: { N: '99999999999999999999.999999999999999999' },
        },
      }),
    );
    const batch = [telemetryEvent('1', { t: 1 }), full, telemetryEvent('3', { t: 2 })];
    const aside: [string, unknown][] = [];
    const result = await countRecords(
      batch.map((value, at) => ({ sequenceNumber: String(at), value })),
      {
        store,
        pacing: unpaced,
        putAside: async ({ value }, cause) => void aside.push([value.event.id, cause]),
      },
    );
    expect(result.counted).toBe(2);
    expect(aside).toEqual([['2', expect.objectContaining({ code: 'count_refused' })]]);
    expect(await store.totals()).toMatchObject({ [keyOf('t')]: { count: 2, sum: '3' } });
  });

  test('hold the claim of an event for 35 days', async () => {
    const store = await freshCountStore(dynamoDb);
    const before = Math.floor(Date.now() / 1000);
    await store.commit(['a'], [increment('t', 1)]);
    const { Item } = await dynamoDb.client.send(
      new GetItemCommand({ TableName: store.eventIdsTable, Key: { pk: { S: 'a' } } }),
    );
    const days = (Number(Item?.expiresAt?.N) - before) / 86_400;
    expect(days).toBeGreaterThanOrEqual(35);
    expect(days).toBeLessThan(35.01);
  });

  test('write what MetricItem promises', async () => {
    const store = await freshCountStore(dynamoDb);
    const { event, tenant } = clickEvent('1');
    const [slice] = slicesOf(event, tenant, 0);
    await store.commit(['a'], slice?.increments ?? []);
    const { Items } = await dynamoDb.client.send(
      new ScanCommand({ TableName: store.metricsTable }),
    );
    expect(Items).toEqual([
      {
        pk: { S: 'acme#click' },
        sk: { S: expect.stringMatching(/^2026-11-23T09:41:00Z#[\w-]{22}$/) },
        tenant: { S: 'acme' },
        metric: { S: 'click' },
        minute: { S: '2026-11-23T09:41:00Z' },
        dimensions: { M: { action: { S: 'view' } } },
        count: { N: '1' },
        sum: { N: '0' },
      },
    ]);
  });

  test('take a reading of 201 items, twice, once', async () => {
    const store = await freshCountStore(dynamoDb);
    const reading = largeReading('r1');
    await deliverShard([reading, clickEvent('1'), reading], [1, 1, 1], store);
    expect(await store.totals()).toEqual(referenceTotals([reading, clickEvent('1')]));
  });
});
