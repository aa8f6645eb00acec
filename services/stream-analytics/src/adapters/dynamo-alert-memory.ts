import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  paginateQuery,
  type QueryCommandInput,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { PermanentError } from '@millrace/middleware';
import { type MetricAlert, metricPartition } from '@millrace/types';
import { DAY_MS } from '../domain/days.ts';
import type {
  AlertMemory,
  RuleProgress,
  TenantMemory,
  Versioned,
} from '../pipelines/alerts/alert-memory.ts';
import type { AlertRule } from '../pipelines/alerts/alert-rule.ts';
import type { StoredCell } from '../pipelines/alerts/tally.ts';
import { seriesPartition, spanOf } from '../pipelines/alerts/watched-series.ts';
import { LOOK_BACK_DAYS } from '../pipelines/alerts/windows.ts';
import { dynamoWaitingAlerts } from './dynamo-waiting-alerts.ts';
import { isWritten } from './is-written.ts';

/** No tenant begins with `*`: what is below is read by `watchMetrics` alone. */
const PROGRESS_PARTITION = '*#rules';
const ALERTS_PARTITION = '*#metric-alerts';
const rulePartition = ({ id }: AlertRule) => `*#rule#${id}`;

/** A group is written at least each day; what is older is of a rule that is no more. */
const FORGOTTEN_DAYS = 30;

type Item = Record<string, AttributeValue>;

/** Tables `states` (what is remembered, who has data, alerts that wait) and `metrics`. */
export function dynamoAlertMemory(options: {
  readonly client: DynamoDBClient;
  readonly statesTable: string;
  readonly metricsTable: string;
}): AlertMemory {
  const { client, statesTable, metricsTable } = options;
  async function* query(input: QueryCommandInput): AsyncIterable<Item> {
    for await (const { Items = [] } of paginateQuery({ client }, input)) yield* Items;
  }
  const read = async <T>(pk: string, sk: string): Promise<Versioned<T> | undefined> => {
    const Key = { pk: { S: pk }, sk: { S: sk } };
    const command = new GetItemCommand({ TableName: statesTable, Key, ConsistentRead: true });
    const { Item } = await client.send(command);
    return Item && { value: parsed<T>(Item.state?.S), version: Number(Item.version?.N) };
  };
  const put = (pk: string, sk: string, value: unknown, more: Item = {}): TransactWriteItem => ({
    Put: {
      TableName: statesTable,
      Item: { pk: { S: pk }, sk: { S: sk }, state: { S: JSON.stringify(value) }, ...more },
    },
  });
  const replace = (action: TransactWriteItem, version: number): TransactWriteItem => ({
    Put: {
      ...(action.Put as NonNullable<TransactWriteItem['Put']>),
      Item: { ...action.Put?.Item, version: { N: String(version + 1) } },
      ...(version === 0
        ? { ConditionExpression: 'attribute_not_exists(pk)' }
        : {
            ConditionExpression: '#version = :version',
            ExpressionAttributeNames: { '#version': 'version' },
            ExpressionAttributeValues: { ':version': { N: String(version) } },
          }),
    },
  });
  const write = (actions: TransactWriteItem[]) =>
    isWritten(client.send(new TransactWriteItemsCommand({ TransactItems: actions })));
  return {
    ...dynamoWaitingAlerts<MetricAlert>(client, statesTable, ALERTS_PARTITION),
    readProgress: (rule) => read<RuleProgress>(PROGRESS_PARTITION, rule.id),
    keepProgress: (rule, progress, replaces) =>
      write([replace(put(PROGRESS_PARTITION, rule.id, progress), replaces)]),
    async *tenantsWithData(series, from, to) {
      const { window } = series;
      const notes = query({
        TableName: statesTable,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
        ExpressionAttributeValues: {
          ':pk': { S: seriesPartition(series) },
          ':from': { S: `${spanOf(from, window)}#` },
          // `~` sorts behind all that a tenant may hold.
          ':to': { S: `${spanOf(to, window)}#~` },
        },
        ProjectionExpression: 'sk',
        ConsistentRead: true,
      });
      for await (const { sk } of notes) yield String(sk?.S).slice(String(sk?.S).indexOf('#') + 1);
    },
    async *tenantsRemembered(rule) {
      const items = query({
        TableName: statesTable,
        KeyConditionExpression: 'pk = :pk',
        FilterExpression: 'groups > :none',
        ExpressionAttributeValues: { ':pk': { S: rulePartition(rule) }, ':none': { N: '0' } },
        ProjectionExpression: 'sk',
        ConsistentRead: true,
      });
      for await (const { sk } of items) yield String(sk?.S);
    },
    readTenant: (rule, tenant) => read<TenantMemory>(rulePartition(rule), tenant),
    keepTenant: (rule, tenant, memory, replaces, alerts) =>
      write([
        replace(put(rulePartition(rule), tenant, memory, listed(rule, memory)), replaces),
        ...alerts.map((alert) =>
          put(ALERTS_PARTITION, `${alert.at}#${alert.start}#${alert.id}`, alert),
        ),
      ]),
    async *cells({ metric, window }, tenant, from, to) {
      const items = query({
        TableName: metricsTable,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
        ExpressionAttributeValues: {
          ':pk': { S: metricPartition(tenant, metric, window) },
          ':from': { S: `${from}#` },
          ':to': { S: `${to}#~` },
        },
      });
      for await (const item of items) yield cellOf(item);
    },
  };
}

function listed(rule: AlertRule, { through, groups }: TenantMemory): Item {
  const days = LOOK_BACK_DAYS[rule.window] + FORGOTTEN_DAYS;
  return {
    groups: { N: String(Object.keys(groups).length) },
    expiresAt: { N: String((Date.parse(through) + days * DAY_MS) / 1000) },
  };
}

function parsed<T>(json: string | undefined): T {
  try {
    return JSON.parse(json ?? '') as T;
  } catch (cause) {
    throw new PermanentError(
      'alert_window_unreadable',
      'A window is not judged: a counter or what is remembered of it is damaged.',
      { cause },
    );
  }
}

function cellOf(item: Item): StoredCell {
  const { start, dimensions, count, sum, min, max, quantiles, distinct } = item;
  return {
    start: String(start?.S),
    dimensions: Object.fromEntries(
      Object.entries(dimensions?.M ?? {}).map(([name, value]) => [name, value.S ?? '']),
    ),
    count: Number(count?.N),
    sum: sum?.N ?? '0',
    ...(min?.N !== undefined && { min: Number(min.N) }),
    ...(max?.N !== undefined && { max: Number(max.N) }),
    ...(quantiles?.B && { quantiles: quantiles.B }),
    ...(distinct?.B && { distinct: distinct.B }),
  };
}
