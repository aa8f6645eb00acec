import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { startDynamoDb } from '../../../../packages/local-cloud/src/engines/dynamodb.ts';
import { openState } from '../../../../packages/local-cloud/src/state.ts';
import type { Table } from '../../src/adapters/tables.ts';

export interface Engines {
  readonly dynamo: DynamoDBClient;
  /** A new table with these keys (text), and an index where one is named; sort key last. */
  table(keys: readonly string[], index?: { name: string; keys: readonly string[] }): Promise<Table>;
  close(): Promise<void>;
}

const schemaOf = (keys: readonly string[]) =>
  keys.map((AttributeName, at) => ({
    AttributeName,
    KeyType: at === 0 ? ('HASH' as const) : ('RANGE' as const),
  }));

/** A DynamoDB of its own on a free port, gone with `close`. */
export async function startEngines(): Promise<Engines> {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-api-'));
  const state = openState(dir);
  const engine = await startDynamoDb({ state, log: () => {} });
  const dynamo = new DynamoDBClient({
    endpoint: engine.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'millrace', secretAccessKey: 'millrace' },
  });
  let tables = 0;
  return {
    dynamo,
    async table(keys, index) {
      const name = `table-${++tables}`;
      await dynamo.send(
        new CreateTableCommand({
          TableName: name,
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [...new Set([...keys, ...(index?.keys ?? [])])].map(
            (AttributeName) => ({ AttributeName, AttributeType: 'S' }),
          ),
          KeySchema: schemaOf(keys),
          ...(index && {
            GlobalSecondaryIndexes: [
              {
                IndexName: index.name,
                KeySchema: schemaOf(index.keys),
                Projection: { ProjectionType: 'ALL' },
              },
            ],
          }),
        }),
      );
      return { client: DynamoDBDocumentClient.from(dynamo), name };
    },
    async close() {
      dynamo.destroy();
      await engine.close();
      state.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
