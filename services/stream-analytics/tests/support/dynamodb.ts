import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { startDynamoDb } from '../../../../packages/local-cloud/src/engines/dynamodb.ts';
import { openState } from '../../../../packages/local-cloud/src/state.ts';
import { dynamoCountStore } from '../../src/adapters/dynamo-count-store.ts';
import { type Totals, totalKey } from '../model/reference.ts';

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

/** A count store on tables of its own, and what they hold. */
export async function freshCountStore({ client, table }: TestDynamoDb) {
  const metricsTable = await table('pk', 'sk');
  const eventIdsTable = await table('pk');
  return {
    ...dynamoCountStore({ client, metricsTable, eventIdsTable }),
    metricsTable,
    eventIdsTable,
    totals: () => totalsOf(client, metricsTable),
  };
}

/** All counters of a table `metrics`; sums as DynamoDB writes them. */
export async function totalsOf(client: DynamoDBClient, TableName: string): Promise<Totals> {
  const totals: Totals = {};
  for await (const { Items = [] } of paginateScan(
    { client },
    { TableName, ConsistentRead: true },
  )) {
    for (const { tenant, metric, minute, dimensions, count, sum } of Items) {
      const values = Object.entries(dimensions?.M ?? {}).map(([name, value]) => [name, value.S]);
      const key = totalKey(
        String(tenant?.S),
        String(metric?.S),
        String(minute?.S),
        Object.fromEntries(values),
      );
      totals[key] = { count: Number(count?.N), sum: String(sum?.N) };
    }
  }
  return totals;
}
