import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { startDynamoDb } from '../../../../packages/local-cloud/src/engines/dynamodb.ts';
import { openState } from '../../../../packages/local-cloud/src/state.ts';
import { dynamoAnalyticsStore } from '../../src/adapters/dynamo-analytics-store.ts';
import { type Decimal, decimalText, parseDecimal, ZERO } from '../../src/domain/decimal.ts';
import { COUNTED, type Totals, totalKey } from '../model/reference.ts';

export interface TestDynamoDb {
  readonly client: DynamoDBClient;
  /** A new table with these keys (text); returns its name. */
  table(...keys: string[]): Promise<string>;
  close(): Promise<void>;
}

/** A DynamoDB of its own on a free port, gone with `close`. */
export async function startTestDynamoDb(): Promise<TestDynamoDb> {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-analytics-'));
  const state = openState(dir);
  const engine = await startDynamoDb({ state, log: () => {} });
  const client = new DynamoDBClient({
    endpoint: engine.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'millrace', secretAccessKey: 'millrace' },
  });
  let tables = 0;
  return {
    client,
    async table(...keys) {
      const TableName = `table-${++tables}`;
      await client.send(
        new CreateTableCommand({
          TableName,
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: keys.map((AttributeName) => ({
            AttributeName,
            AttributeType: 'S',
          })),
          KeySchema: keys.map((AttributeName, at) => ({
            AttributeName,
            KeyType: at === 0 ? 'HASH' : 'RANGE',
          })),
        }),
      );
      return TableName;
    },
    async close() {
      client.destroy();
      await engine.close();
      state.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** An analytics store on tables of its own, and what they hold. */
export async function freshAnalyticsStore({ client, table }: TestDynamoDb) {
  const metricsTable = await table('pk', 'sk');
  const statesTable = await table('pk', 'sk');
  const seenEventsTable = await table('pk', 'sk');
  return {
    ...dynamoAnalyticsStore({ client, metricsTable, statesTable, seenEventsTable }),
    metricsTable,
    statesTable,
    seenEventsTable,
    totals: () => totalsOf(client, metricsTable),
    states: () => statesOf(client, statesTable),
  };
}

/** All counters per minute in a table `metrics`, added up over their writers. */
export async function totalsOf(
  client: DynamoDBClient,
  TableName: string,
  metrics: ReadonlySet<string> = COUNTED,
): Promise<Totals> {
  const totals = new Map<string, { count: number; sum: Decimal }>();
  for await (const { Items = [] } of paginateScan(
    { client },
    { TableName, ConsistentRead: true },
  )) {
    for (const { tenant, metric, window, start, dimensions, count, sum } of Items) {
      if (window?.S !== '1m' || !metrics.has(String(metric?.S))) continue;
      const values = Object.entries(dimensions?.M ?? {}).map(([name, value]) => [name, value.S]);
      const key = totalKey(
        String(tenant?.S),
        String(metric?.S),
        String(start?.S),
        Object.fromEntries(values),
      );
      const before = totals.get(key) ?? { count: 0, sum: ZERO };
      totals.set(key, {
        count: before.count + Number(count?.N),
        sum: before.sum + parseDecimal(String(sum?.N)),
      });
    }
  }
  return Object.fromEntries(
    [...totals].map(([key, { count, sum }]) => [key, { count, sum: decimalText(sum) }]),
  );
}

/** `pk sk` → state or document. */
export async function statesOf(client: DynamoDBClient, TableName: string) {
  const states = new Map<string, unknown>();
  for await (const { Items = [] } of paginateScan(
    { client },
    { TableName, ConsistentRead: true },
  )) {
    for (const { pk, sk, state } of Items) {
      if (state?.S !== undefined) states.set(`${pk?.S} ${sk?.S}`, JSON.parse(state.S));
    }
  }
  return states;
}
