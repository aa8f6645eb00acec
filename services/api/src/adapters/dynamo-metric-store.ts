import { type AttributeValue, type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { metricPartition } from '@millrace/types';
import type { MetricSlice, MetricStore } from '../domain/metrics/ports.ts';

/**
 * Table `metrics` (partition key `pk`, sort key `sk` = `<start>#<digest>#<writer>`), owned by
 * stream-analytics. Read without the document client, which would make doubles of the exact sums.
 */
export function dynamoMetricStore(client: DynamoDBClient, table: string): MetricStore {
  return {
    async *slices(tenant, metric, { window, from, to }) {
      const pages = paginateQuery(
        { client },
        {
          TableName: table,
          // `to` itself is not in it: the sort keys of its window go on after it.
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
          ExpressionAttributeValues: {
            ':pk': { S: metricPartition(tenant, metric, window) },
            ':from': { S: from },
            ':to': { S: to },
          },
        },
      );
      for await (const page of pages) {
        for (const item of page.Items ?? []) yield sliceOf(item);
      }
    },
  };
}

function sliceOf(item: Record<string, AttributeValue>): MetricSlice {
  const { start, dimensions, count, sum, min, max, quantiles, distinct, top } = item;
  if (start?.S === undefined || count?.N === undefined) {
    throw new TypeError('An item of the table metrics has no start or count.');
  }
  return {
    start: start.S,
    dimensions: Object.fromEntries(
      Object.entries(dimensions?.M ?? {}).map(([name, value]) => [name, value.S ?? '']),
    ),
    count: Number(count.N),
    sum: sum?.N ?? '0',
    ...(min?.N !== undefined && { min: Number(min.N) }),
    ...(max?.N !== undefined && { max: Number(max.N) }),
    ...(quantiles?.B && { quantiles: quantiles.B }),
    ...(distinct?.B && { distinct: distinct.B }),
    ...(top?.B && { top: top.B }),
  };
}
