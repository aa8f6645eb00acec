import { dynamoDeadLetters, kinesisHandler } from '@millrace/middleware';
import { dynamoSearchIndex } from '@millrace/search-index/dynamodb';
import { dynamoDocumentStore } from '../adapters/dynamo-document-store.ts';
import { boundedDynamoDb, RESERVED_MS } from '../adapters/dynamodb-client.ts';
import { readDocumentsConfig } from '../config.ts';
import { requireTimely } from '../domain/incoming-event.ts';
import { readDocument } from '../pipelines/documents/document-event.ts';
import { indexDocument } from '../pipelines/documents/index-document.ts';

const config = readDocumentsConfig();
const client = boundedDynamoDb();
const stores = {
  documents: dynamoDocumentStore({ client, table: config.DOCUMENTS_TABLE }),
  index: dynamoSearchIndex({ client, table: config.SEARCH_TABLE }),
};

/** Document events of the stream → the newest state of each document, and what it is found by. */
export const handler = kinesisHandler({
  deadLetters: dynamoDeadLetters({ client, table: config.DEAD_LETTERS_TABLE }),
  decode: readDocument,
  reservedMs: RESERVED_MS,
  keyOf: ({ value, partitionKey }) =>
    value ? `${value.tenant}/${value.event.data.documentId}` : partitionKey,
  process: async ({ value, arrivedAt }) => {
    if (!value) return;
    requireTimely(value.event, arrivedAt);
    await indexDocument(value.event, value.tenant, stores);
  },
});
