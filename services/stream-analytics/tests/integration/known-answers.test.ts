import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { eventually, testStack } from '@millrace/local-cloud/testing';
import { Distinct } from '@millrace/sketches';
import { expect, test } from 'vitest';
import { type Decimal, decimalText, parseDecimal, ZERO } from '../../src/domain/decimal.ts';
import type { Incoming } from '../../src/domain/engine/pipeline.ts';
import { PIPELINES } from '../../src/pipelines/index.ts';
import * as activity from '../known-answers/activity-data.ts';
import { asDelivered } from '../known-answers/as-delivered.ts';
import * as cleansing from '../known-answers/cleansing-data.ts';
import * as clicks from '../known-answers/clicks-data.ts';
import * as logs from '../known-answers/logs-data.ts';
import * as orders from '../known-answers/orders-data.ts';
import * as posts from '../known-answers/posts-data.ts';
import { seeded } from '../known-answers/seeded.ts';
import * as telemetry from '../known-answers/telemetry-data.ts';
import { cellName, settle } from '../model/settle.ts';
import { statesOf } from '../support/dynamodb.ts';
import { putRecords } from '../support/stream.ts';

const SEED = 7;
const stack = testStack('stream-analytics');
const kinesis = stack.client(KinesisClient);
const dynamoDb = stack.client(DynamoDBClient);

/** Under keys of their own, so that what is sent twice may come through both shards. */
async function put(events: readonly Incoming[]): Promise<void> {
  const records = events.map(({ event, tenant }, index) => ({
    PartitionKey: `${index}`,
    Data: Buffer.from(JSON.stringify({ ...event, tenant })),
  }));
  await putRecords(kinesis, records);
}

interface Stored {
  readonly counts: Record<string, { count: number; sum: string }>;
  readonly distinct: Map<string, Distinct>;
}

/** What the table holds, added up and merged over the writers, by the names of `settle`. */
async function stored(): Promise<Stored> {
  const counts = new Map<string, { count: number; sum: Decimal }>();
  const distinct = new Map<string, Distinct>();
  const table = { TableName: 'millrace-local-metrics', ConsistentRead: true };
  for await (const { Items = [] } of paginateScan({ client: dynamoDb }, table)) {
    for (const item of Items) {
      const by = Object.fromEntries(
        Object.entries(item.dimensions?.M ?? {}).map(([name, { S = '' }]) => [name, S]),
      );
      const window = item.window?.S as '1m' | '1h' | '1d';
      const name = cellName(
        `${item.tenant?.S}`,
        `${item.metric?.S}`,
        window,
        `${item.start?.S}`,
        by,
      );
      const before = counts.get(name) ?? { count: 0, sum: ZERO };
      counts.set(name, {
        count: before.count + Number(item.count?.N),
        sum: before.sum + parseDecimal(`${item.sum?.N}`),
      });
      if (item.distinct?.B) {
        const sketch = Distinct.fromBytes(item.distinct.B);
        distinct.set(name, distinct.get(name)?.merge(sketch) ?? sketch);
      }
    }
  }
  const left = [...counts].filter(([, { count, sum }]) => count !== 0 || sum !== ZERO);
  return {
    counts: Object.fromEntries(
      left.map(([name, { count, sum }]) => [name, { count, sum: decimalText(sum) }]),
    ),
    distinct,
  };
}

const DAY_MS = 86_400_000;

/** The same events of other days, so that the newest are of yesterday and none is too old. */
function asOfLate(sets: readonly (readonly Incoming[])[], now: number): Incoming[] {
  const arrivedAt = new Date(now).toISOString();
  return sets.flatMap((events) => {
    const newest = Math.max(...events.map(({ event }) => Date.parse(event.time)));
    const days = Math.floor((now - newest) / DAY_MS) - 1;
    return events.map(({ event, tenant }): Incoming => {
      const day = new Date(Date.parse(event.time.slice(0, 10)) + days * DAY_MS).toISOString();
      const time = `${day.slice(0, 10)}${event.time.slice(10)}`;
      return { event: { ...event, time }, tenant, arrivedAt };
    });
  });
}

/** What the orders of a data set bring in, by the names of `settle`. */
function revenueOf(given: readonly Incoming[]): Stored['counts'] {
  return Object.fromEntries(
    Object.entries(orders.expected(given)).map(([name, { count, sum }]) => {
      const [metric = '', window, start = '', currency = '', sku = ''] = name.split(' ');
      const cell = cellName('acme', metric, window as '1h' | '1d', start, { currency, sku });
      return [cell, { count, sum: String(sum) }];
    }),
  );
}

const isOrder = (type: string) => type === 'millrace.order.v1';

/** Sessions, hours and days of devices, and bills. */
const LISTED = /#sessions#|#readings#\S+ 1[hd]#|#usage#/;

test('known data sets of all uses through the stream, mixed and partly twice, leave what is known of them', async () => {
  const placed = asOfLate([orders.events(SEED, 60)], Date.now());
  const sets = [activity, clicks, cleansing, logs, posts, telemetry];
  const others = asOfLate(
    // What dirty orders bring in is not among the known answers.
    sets.map(({ events }) => events(SEED, 250).filter(({ event }) => !isOrder(event.type))),
    Date.now(),
  );
  const events = [...others, ...placed];
  expect(new Set(events.map(({ event }) => event.type)).size).toBe(6);
  await put(asDelivered(events, seeded(SEED)));
  const known = PIPELINES.map((pipeline) => settle(pipeline, events));
  const expected = Object.assign({}, ...known.map(({ counts }) => counts), revenueOf(placed));

  const sumOf = (counts: Stored['counts']) =>
    Object.values(counts).reduce((sum, { count }) => sum + count, 0);
  const left = await eventually(stored, ({ counts }) => sumOf(counts) >= sumOf(expected), {
    timeoutMs: 150_000,
    everyMs: 500,
  });
  expect(left.counts).toEqual(expected);

  const members = known.flatMap((one) => [...one.members]);
  expect(members.length).toBeGreaterThan(0);
  for (const [name, distinct] of members) {
    const estimate = left.distinct.get(name)?.estimate() ?? 0;
    expect(Math.abs(estimate - distinct.size), name).toBeLessThanOrEqual(1 + distinct.size * 0.06);
  }

  const listed = (states: Iterable<readonly [string, unknown]>) =>
    new Map([...states].filter(([name]) => LISTED.test(name)));
  const told = listed(known.flatMap(({ states }) => [...states]));
  expect([...told.keys()].filter((name) => name.includes('#sessions#')).length).toBeGreaterThan(20);
  const states = await eventually(
    async () => listed(await statesOf(dynamoDb, 'millrace-local-states')),
    (found) => found.size >= told.size,
    { timeoutMs: 60_000, everyMs: 500 },
  );
  expect(states).toEqual(told);
}, 300_000);
