import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { paginateQuery } from '@aws-sdk/lib-dynamodb';
import { type MetricName, metricPartition, type OrderItem } from '@millrace/types';
import {
  type Decimal,
  decimalText,
  parseDecimal,
  ZERO,
} from '../../../services/stream-analytics/src/domain/decimal.ts';
import {
  COUNTED,
  referenceTotals,
  totalKey,
} from '../../../services/stream-analytics/tests/model/reference.ts';
import type { Run } from '../workload/run.ts';
import { differences } from './compare.ts';

/** Every counter of the tenant against the plain sum of what was sent. */
export async function auditMetrics({ clients, tenant, expected }: Run): Promise<string[]> {
  const pages = await Promise.all(
    [...COUNTED].map((metric) =>
      clients.dynamo.send(
        new QueryCommand({
          TableName: 'millrace-local-metrics',
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: {
            ':pk': { S: metricPartition(tenant, metric as MetricName) },
          },
        }),
      ),
    ),
  );
  const totals = new Map<string, { count: number; sum: Decimal }>();
  for (const { metric, start, dimensions, count, sum } of pages.flatMap(
    ({ Items = [] }) => Items,
  )) {
    const values = Object.entries(dimensions?.M ?? {}).map(([name, { S = '' }]) => [name, S]);
    const key = totalKey(tenant, `${metric?.S}`, `${start?.S}`, Object.fromEntries(values));
    const before = totals.get(key) ?? { count: 0, sum: ZERO };
    totals.set(key, {
      count: before.count + Number(count?.N),
      sum: before.sum + parseDecimal(`${sum?.N}`),
    });
  }
  const reference = referenceTotals(expected.events.map((event) => ({ event, tenant })));
  return differences(
    'counter',
    new Map([...totals].map(([key, { count, sum }]) => [key, { count, sum: decimalText(sum) }])),
    new Map(Object.entries(reference)),
  );
}

export async function auditOrders({ clients, tenant, expected }: Run): Promise<string[]> {
  const stored = new Map<string, unknown>();
  const pages = paginateQuery(
    { client: clients.documents },
    {
      TableName: 'millrace-local-orders',
      ConsistentRead: true,
      KeyConditionExpression: 'tenant = :tenant',
      ExpressionAttributeValues: { ':tenant': tenant },
    },
  );
  for await (const { Items = [] } of pages) {
    for (const { tenant: _, orderId, total, ...order } of Items as OrderItem[]) {
      const sum = order.lines.reduce((all, line) => all + line.quantity * line.unitPrice, 0);
      stored.set(orderId, total === sum ? order : { ...order, total });
    }
  }
  return differences('order', stored, expected.orders);
}
