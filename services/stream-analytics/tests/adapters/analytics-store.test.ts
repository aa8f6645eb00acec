import { PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decimalOf } from '../../src/domain/decimal.ts';
import type { CellWrite, Transaction } from '../../src/domain/engine/analytics-store.ts';
import { processBatch } from '../../src/domain/engine/process-batch.ts';
import { SeenEvents } from '../../src/domain/engine/seen-events.ts';
import { metrics } from '../../src/pipelines/metrics/pipeline.ts';
import { deliverShard, unpaced } from '../model/deliver.ts';
import { clickEvent, largeReading, shards, telemetryEvent } from '../model/events.ts';
import { faults, faultyStore } from '../model/faulty-store.ts';
import { memoryAnalyticsStore } from '../model/memory-analytics-store.ts';
import { referenceTotals, totalKey } from '../model/reference.ts';
import { freshAnalyticsStore, startTestDynamoDb, type TestDynamoDb } from '../support/dynamodb.ts';

let dynamoDb: TestDynamoDb;
beforeAll(async () => {
  dynamoDb = await startTestDynamoDb();
});
afterAll(() => dynamoDb.close());

const START = '2026-11-23T09:41:00Z';
const cell = (metric: string, value: number): CellWrite => ({
  pk: 'acme#telemetry.metric',
  sk: `${START}#${metric}#0`,
  tenant: 'acme',
  metric: 'telemetry.metric',
  window: '1m',
  start: START,
  dimensions: { deviceId: 'd1', metric },
  count: 1,
  sum: decimalOf(value),
});
const keyOf = (metric: string) =>
  totalKey('acme', 'telemetry.metric', START, { deviceId: 'd1', metric });

const block = (position: number, digests = 'twelve bytes') => ({
  log: 'acme#metrics#2026-11-23T09:41:00Z',
  position,
  digests: Buffer.from(digests),
  expiresAt: 2_000_000_000,
});

const transaction = (some: Partial<Transaction>): Transaction => ({
  seen: [],
  states: [],
  cells: [],
  ...some,
});

const COMMITTED = { kind: 'committed' };
const OUTDATED = expect.objectContaining({ kind: 'outdated' });
const visitor = { pk: 'acme#visitor#v1', sk: '-' };

describe.each([
  ['in memory', async () => memoryAnalyticsStore()],
  ['in DynamoDB', () => freshAnalyticsStore(dynamoDb)],
] as const)('an analytics store %s', (_, open) => {
  test('adds counts and sums to what is there', async () => {
    const store = await open();
    await store.commit(transaction({ seen: [block(1)], cells: [cell('t', 0.1), cell('u', 5)] }));
    await store.commit(transaction({ seen: [block(2)], cells: [cell('t', 0.2)] }));
    expect(await store.totals()).toEqual({
      [keyOf('t')]: { count: 2, sum: '0.3' },
      [keyOf('u')]: { count: 1, sum: '5' },
    });
  });

  test('lets one of many through to a position of a log, and what goes with it', async () => {
    const store = await open();
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () =>
        store.commit(transaction({ seen: [block(1)], cells: [cell('t', 1)] })),
      ),
    );
    expect(outcomes.filter(({ kind }) => kind === 'committed')).toHaveLength(1);
    expect(await store.totals()).toEqual({ [keyOf('t')]: { count: 1, sum: '1' } });
  });

  test('reads a log in order, from where it is asked', async () => {
    const store = await open();
    for (const position of [1, 2, 3, 10]) {
      await store.commit(transaction({ seen: [block(position, `block number ${position}`)] }));
    }
    const found = await store.readSeen(block(1).log, 2);
    expect(
      found.map(({ position, digests }) => [position, Buffer.from(digests).toString()]),
    ).toEqual([
      [3, 'block number 3'],
      [10, 'block number 10'],
    ]);
    expect(await store.readSeen('acme#metrics#2026-11-23T09:42:00Z', 0)).toEqual([]);
    const places = [3, 4, 10].map((position) => ({ log: block(1).log, position }));
    const [third, fourth, tenth] = await store.readBlocks(places);
    expect([third?.position, fourth, tenth?.position]).toEqual([3, undefined, 10]);
    expect(Buffer.from(tenth?.digests ?? []).toString()).toBe('block number 10');
  });

  test('replaces a state only where it is what was read, deleted ones too', async () => {
    const store = await open();
    const write = (state: string | undefined, replaces: number) =>
      store.commit(transaction({ states: [{ ...visitor, state, replaces }] }));
    expect(await write('{"n":1}', 0)).toEqual(COMMITTED);
    expect(await write('{"n":9}', 0)).toEqual(OUTDATED);
    expect(await write(undefined, 1)).toEqual(COMMITTED);
    expect(await store.readStates([visitor])).toEqual([{ state: undefined, version: 2 }]);
    // Made anew, it is not the state of before.
    expect(await write('{"n":3}', 2)).toEqual(COMMITTED);
    expect(await write('{"n":9}', 1)).toEqual(OUTDATED);
    expect(await store.readStates([{ ...visitor, sk: 'other' }, visitor])).toEqual([
      undefined,
      { state: '{"n":3}', version: 3 },
    ]);
  });

  test('writes nothing at all where one version is outdated', async () => {
    const store = await open();
    await store.commit(transaction({ states: [{ ...visitor, state: '{}', replaces: 0 }] }));
    const outcome = await store.commit(
      transaction({
        seen: [block(1)],
        states: [{ ...visitor, state: '{"n":1}', replaces: 0 }],
        cells: [cell('t', 1)],
      }),
    );
    expect(outcome).toEqual(OUTDATED);
    expect(await store.readSeen(block(1).log, 0)).toEqual([]);
    expect(await store.totals()).toEqual({});
  });

  test('puts and deletes documents without asking', async () => {
    const store = await open();
    const publish = (state: string | undefined) =>
      store.commit(transaction({ states: [{ ...visitor, state, replaces: 'any' }] }));
    await publish('{"n":1}');
    await publish('{"n":2}');
    expect(await store.states()).toEqual(new Map([['acme#visitor#v1 -', { n: 2 }]]));
    await publish(undefined);
    expect(await store.states()).toEqual(new Map());
  });

  test('replaces the details of a window only where they are what was read', async () => {
    const store = await open();
    const write = (version: number, top: string) =>
      store.commit(
        transaction({
          cells: [
            { ...cell('t', 1), details: { version, min: 1, max: 2.5, top: Buffer.from(top) } },
          ],
        }),
      );
    expect(await write(1, 'a')).toEqual(COMMITTED);
    expect(await write(1, 'b')).toEqual(OUTDATED);
    expect(await write(2, 'c')).toEqual(COMMITTED);
    const [stored] = await store.readDetails([cell('t', 1)]);
    expect({ ...stored, top: Buffer.from(stored?.top ?? []).toString() }).toEqual({
      version: 2,
      min: 1,
      max: 2.5,
      top: 'c',
    });
    expect(await store.totals()).toEqual({ [keyOf('t')]: { count: 2, sum: '2' } });
  });
});

describe('counters in DynamoDB', () => {
  test('count every event once, whatever is repeated, cut, lost or killed', async () => {
    const borders = fc.array(fc.integer({ min: 0, max: 25 }), { maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(shards, borders, faults, async (drawn, sizes, script) => {
        const store = await freshAnalyticsStore(dynamoDb);
        const faulty = faultyStore(store, script);
        await Promise.all(
          drawn.map((shard, at) =>
            deliverShard(shard, sizes, {
              pipelines: [metrics],
              store: faulty,
              shardId: `shardId-00000000000${at}`,
            }),
          ),
        );
        expect(await store.totals()).toEqual(referenceTotals(drawn.flat()));
      }),
      { numRuns: 25 },
    );
  }, 120_000);

  test('keep 38 digits', async () => {
    const store = await freshAnalyticsStore(dynamoDb);
    const large = { ...cell('t', 0), sum: 99_999_999_999_999_999_999n * 10n ** 18n };
    const small = { ...cell('t', 0), sum: 123_456_789_012_345_678n };
    await store.commit(transaction({ cells: [large] }));
    await store.commit(transaction({ cells: [small] }));
    expect(await store.totals()).toEqual({
      [keyOf('t')]: { count: 2, sum: '99999999999999999999.123456789012345678' },
    });
  });

  test('refuse what would need more digits, alone, and go on', async () => {
    const store = await freshAnalyticsStore(dynamoDb);
    const batch = [
      telemetryEvent('1', { t: 1 }),
      telemetryEvent('2', { full: 1 }),
      telemetryEvent('3', { t: 2 }),
    ];
    const aside: [string, unknown][] = [];
    const process = () =>
      processBatch(
        batch.map((value, at) => ({
          shardId: 'shardId-000000000000',
          sequenceNumber: String(at),
          arrivedAt: START,
          arrivedAtMs: Date.parse(START),
          value,
        })),
        {
          pipelines: [{ pipeline: metrics, seen: new SeenEvents(store) }],
          store,
          pacing: unpaced,
          putAside: async ({ value }, cause) => void aside.push([value.event.id, cause]),
        },
      );
    // Where the counter of `full` will lie is learned from a store of its own.
    const elsewhere = await freshAnalyticsStore(dynamoDb);
    await deliverShard([telemetryEvent('2', { full: 1 })], [], {
      pipelines: [metrics],
      store: elsewhere,
    });
    const { Items = [] } = await dynamoDb.client.send(
      new ScanCommand({ TableName: elsewhere.metricsTable }),
    );
    const full = Items.find(({ dimensions }) => dimensions?.M?.metric?.S === 'full');
    await dynamoDb.client.send(
      new PutItemCommand({
        TableName: store.metricsTable,
        Item: { ...full, sum: { N: '99999999999999999999.999999999999999999' } },
      }),
    );
    expect(await process()).toEqual({ processed: 2, duplicates: 0 });
    expect(aside).toEqual([['2', expect.objectContaining({ code: 'count_refused' })]]);
    expect(await store.totals()).toMatchObject({ [keyOf('t')]: { count: 2, sum: '3' } });
  });

  test('are remembered for as long as the event may still come', async () => {
    const store = await freshAnalyticsStore(dynamoDb);
    await deliverShard([clickEvent('1')], [], { pipelines: [metrics], store });
    const { Items = [] } = await dynamoDb.client.send(
      new ScanCommand({ TableName: store.seenEventsTable }),
    );
    const days = Items.map(
      ({ expiresAt }) => (Number(expiresAt?.N) - Date.parse(START) / 1000) / 86_400,
    );
    expect(days).toEqual([414]);
  });

  test('write what MetricItem promises, for every window', async () => {
    const store = await freshAnalyticsStore(dynamoDb);
    await deliverShard([clickEvent('1')], [], {
      pipelines: [metrics],
      store,
      shardId: 'shardId-000000000012',
    });
    const { Items = [] } = await dynamoDb.client.send(
      new ScanCommand({ TableName: store.metricsTable }),
    );
    const sorted = Items.toSorted((a, b) => (String(a.pk?.S) < String(b.pk?.S) ? -1 : 1));
    const item = (window: string, pk: string, start: string) => ({
      pk: { S: pk },
      sk: { S: expect.stringMatching(new RegExp(`^${start}#[\\w-]{22}#12$`)) },
      tenant: { S: 'acme' },
      metric: { S: 'click' },
      window: { S: window },
      start: { S: start },
      dimensions: { M: { action: { S: 'view' } } },
      count: { N: '1' },
      sum: { N: '0' },
    });
    expect(sorted).toEqual([
      item('1m', 'acme#click', START),
      item('1d', 'acme#click#1d', '2026-11-23T00:00:00Z'),
      item('1h', 'acme#click#1h', '2026-11-23T09:00:00Z'),
    ]);
  });

  test('take a reading of 201 items, twice, once', async () => {
    const store = await freshAnalyticsStore(dynamoDb);
    const reading = largeReading('r1');
    await deliverShard([reading, clickEvent('1'), reading], [1, 1, 1], {
      pipelines: [metrics],
      store,
    });
    expect(await store.totals()).toEqual(referenceTotals([reading, clickEvent('1')]));
  });
});
