import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { Distinct, Quantiles, TopTerms } from '@millrace/sketches';
import {
  type MetricItem,
  type MetricName,
  type MetricWindow,
  metricPartition,
} from '@millrace/types';
import type { MetricStore } from '../../src/domain/metrics/ports.ts';

/** What a writer has counted of a window. */
export interface Counted {
  readonly tenant?: string;
  readonly metric: MetricName;
  readonly window: MetricWindow;
  readonly start: string;
  readonly by?: Readonly<Record<string, string>>;
  readonly writer?: string;
  readonly count: number;
  readonly sum?: string;
  readonly values?: readonly number[];
  readonly members?: readonly string[];
  readonly terms?: readonly string[];
}

/** As stream-analytics stores it. */
export function metricItem(counted: Counted): MetricItem {
  const {
    tenant = 'acme',
    metric,
    window,
    start,
    by = {},
    writer = '0',
    count,
    sum = '0',
  } = counted;
  return {
    pk: metricPartition(tenant, metric, window),
    sk: `${start}#${Buffer.from(JSON.stringify(by)).toString('base64url')}#${writer}`,
    tenant,
    metric,
    window,
    start,
    dimensions: by,
    count,
    sum,
    ...(counted.values && {
      min: Math.min(...counted.values),
      max: Math.max(...counted.values),
      quantiles: sketched(new Quantiles(), counted.values),
    }),
    ...(counted.members && { distinct: sketched(new Distinct(), counted.members) }),
    ...(counted.terms && { top: sketched(new TopTerms(), counted.terms) }),
  };
}

function sketched<T>(
  sketch: { add(seen: T): void; toBytes(): Uint8Array },
  seen: readonly T[],
): Uint8Array {
  for (const one of seen) sketch.add(one);
  return sketch.toBytes();
}

export async function putMetric(
  client: DynamoDBClient,
  TableName: string,
  item: MetricItem,
): Promise<void> {
  const text = (value: string) => ({ S: value });
  const Item: Record<string, AttributeValue> = {
    ...{ pk: text(item.pk), sk: text(item.sk), start: text(item.start) },
    dimensions: {
      M: Object.fromEntries(
        Object.entries(item.dimensions).map(([name, value]) => [name, text(value)]),
      ),
    },
    ...{ count: { N: String(item.count) }, sum: { N: item.sum } },
    ...(item.min !== undefined && { min: { N: String(item.min) } }),
    ...(item.max !== undefined && { max: { N: String(item.max) } }),
    ...(item.quantiles && { quantiles: { B: item.quantiles } }),
    ...(item.distinct && { distinct: { B: item.distinct } }),
    ...(item.top && { top: { B: item.top } }),
  };
  await client.send(new PutItemCommand({ TableName, Item }));
}

/** Held to the same contract tests as the table. */
export function memoryMetricStore(items: readonly MetricItem[]): MetricStore {
  const sorted = items.toSorted((one, other) => (one.sk < other.sk ? -1 : 1));
  return {
    async *slices(tenant, metric, { window, from, to }) {
      const pk = metricPartition(tenant, metric, window);
      for (const item of sorted) {
        if (item.pk === pk && item.start >= from && item.start < to) yield item;
      }
    },
  };
}
