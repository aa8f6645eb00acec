import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { startDynamoDb } from '../../../../packages/local-cloud/src/engines/dynamodb.ts';
import { openState } from '../../../../packages/local-cloud/src/state.ts';

export interface TestDynamoDb {
  readonly client: DynamoDBClient;
  /** A new table with these keys (text); returns its name. */
  table(...keys: string[]): Promise<string>;
  close(): Promise<void>;
}

/** A DynamoDB of its own on a free port, gone with `close`. */
export async function startTestDynamoDb(): Promise<TestDynamoDb> {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-iot-'));
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
