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
import * as posts from '../known-answers/posts-data.ts';
import { seeded } from '../known-answers/seeded.ts';
import { cellName, settle } from '../model/settle.ts';
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

test('known data sets through the stream, mixed and partly twice, leave what is known of them', async () => {
  const events: Incoming[] = [...activity.events(SEED, 500), ...posts.events(SEED, 500)];
  await put(asDelivered(events, seeded(SEED)));
  const known = PIPELINES.map((pipeline) => settle(pipeline, events));
  const expected = Object.assign({}, ...known.map(({ counts }) => counts));

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
}, 240_000);
