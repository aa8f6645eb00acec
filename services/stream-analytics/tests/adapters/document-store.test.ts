import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { dynamoSearchIndex } from '@millrace/search-index/dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoDocumentStore } from '../../src/adapters/dynamo-document-store.ts';
import { documentItemFrom } from '../../src/pipelines/documents/document-item.ts';
import { indexDocument } from '../../src/pipelines/documents/index-document.ts';
import { documentEvent, memoryStores } from '../pipelines/documents/documents.ts';
import { startTestDynamoDb, type TestDynamoDb } from '../support/dynamodb.ts';

let dynamoDb: TestDynamoDb;
beforeAll(async () => {
  dynamoDb = await startTestDynamoDb();
});
afterAll(() => dynamoDb.close());

const one = documentItemFrom(documentEvent('1', '2026-11-23T09:00:00Z'), 'acme');
const two = documentItemFrom(documentEvent('2', '2026-11-23T09:00:01Z'), 'acme');

describe.each([
  ['in memory', async () => memoryStores().documents],
  [
    'in DynamoDB',
    async () =>
      dynamoDocumentStore({
        client: dynamoDb.client,
        table: await dynamoDb.table('tenant', 'documentId'),
      }),
  ],
] as const)('a document store %s', (_, open) => {
  test('takes only what is newer', async () => {
    const store = await open();
    expect(await store.newestOrder('acme', 'd1')).toBeUndefined();
    expect(await store.replace(one)).toBe(true);
    expect(await store.replace(one)).toBe(false);
    expect(await store.replace(two)).toBe(true);
    expect(await store.replace(one)).toBe(false);
    expect(await store.newestOrder('acme', 'd1')).toBe(two.order);
    expect(await store.newestOrder('umbrella', 'd1')).toBeUndefined();
  });
});

test('what documents are found by goes with them', async () => {
  const documentsTable = await dynamoDb.table('tenant', 'documentId');
  const searchTable = await dynamoDb.table('pk', 'sk');
  const client = DynamoDBDocumentClient.from(dynamoDb.client);
  const stores = {
    documents: dynamoDocumentStore({ client: dynamoDb.client, table: documentsTable }),
    index: dynamoSearchIndex({ client: dynamoDb.client, table: searchTable }),
  };
  const held = async () => {
    const { Items = [] } = await client.send(new ScanCommand({ TableName: searchTable }));
    return Items.map(({ pk }) => String(pk)).filter((pk) => pk.includes('#posting#term-'));
  };
  const text = '수문을 열면 물레방아가 돈다';
  const first = documentEvent('1', '2026-11-23T09:00:00Z', { title: 'Mill', text });
  await indexDocument(first, 'acme', stores);
  expect(await held()).toContain('acme#posting#term-물레');
  await indexDocument(
    documentEvent('2', '2026-11-23T09:00:01Z', { title: 'Mill', text: 'wheels' }),
    'acme',
    stores,
  );
  expect((await held()).sort()).toEqual(['acme#posting#term-mill', 'acme#posting#term-wheel']);
  await indexDocument(
    documentEvent('3', '2026-11-23T09:00:02Z', { deleted: true }),
    'acme',
    stores,
  );
  await indexDocument(first, 'acme', stores);
  expect(await held()).toEqual([]);
});
