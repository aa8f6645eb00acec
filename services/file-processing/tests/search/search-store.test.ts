import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { dynamoSearchIndex, dynamoSearchStore } from '@millrace/search-index/dynamodb';
import { comparableSequencer } from '@millrace/types';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDynamoDb } from '../../../../packages/local-cloud/src/engines/dynamodb.ts';
import { openState } from '../../../../packages/local-cloud/src/state.ts';
import { memorySearchStore } from './memory-search-store.ts';
import { searchStoreContract } from './search-store-contract.ts';

const TABLE = 'search';
let client: DynamoDBClient;
let close: () => Promise<void>;

beforeAll(async () => {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-search-'));
  const state = openState(dir);
  const engine = await startDynamoDb({ state, log: () => {} });
  client = new DynamoDBClient({
    endpoint: engine.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'millrace', secretAccessKey: 'millrace' },
  });
  close = async () => {
    client.destroy();
    await engine.close();
    state.close();
    rmSync(dir, { recursive: true, force: true });
  };
  const keys = ['pk', 'sk'] as const;
  await client.send(
    new CreateTableCommand({
      TableName: TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: keys.map((AttributeName, at) => ({
        AttributeName,
        KeyType: at === 0 ? 'HASH' : 'RANGE',
      })),
    }),
  );
});
afterAll(() => close?.());

describe('in memory', () => {
  const { store } = memorySearchStore();
  searchStoreContract(() => store);
});

describe('in DynamoDB', () => {
  searchStoreContract(() => dynamoSearchStore({ client, table: TABLE }));

  it('a long document leaves nothing behind', async () => {
    const index = dynamoSearchIndex({ client, table: TABLE });
    const file = { tenant: 'long', fileId: 'f', name: 'n' };
    const sequencer = '0055AED6DCD90281E5';
    const version = {
      ...{ bucket: 'uploads', key: 'k', eTag: 'e', size: 1, sequencer },
      order: comparableSequencer(sequencer),
      happenedAt: '2026-11-24T09:00:00.000Z',
    };
    const text = Array.from({ length: 600 }, (_, at) => `물레방아${at} wheel${at}`).join(' ');
    await index.put(file, version, { name: 'long.txt', text });
    const held = async () => {
      const documents = DynamoDBDocumentClient.from(client);
      const keys: string[] = [];
      let from: Record<string, unknown> | undefined;
      do {
        const { Items = [], LastEvaluatedKey } = await documents.send(
          new ScanCommand({ TableName: TABLE, ExclusiveStartKey: from }),
        );
        keys.push(...Items.map(({ pk }) => String(pk)).filter((pk) => pk.startsWith('long#')));
        from = LastEvaluatedKey;
      } while (from);
      return keys.length;
    };
    expect(await held()).toBeGreaterThan(1_200);
    await index.remove(file, () => true);
    expect(await held()).toBe(0);
  });
});
