import { cognitoTokens, createHttpHandler } from '@millrace/middleware/http';
import { documentsOf, dynamoClient } from '../adapters/clients.ts';
import { dynamoDocuments } from '../adapters/dynamo-documents.ts';
import { dynamoFileLookup } from '../adapters/dynamo-file-lookup.ts';
import { dynamoFileStore } from '../adapters/dynamo-file-store.ts';
import { dynamoSearchReader } from '../adapters/dynamo-search-reader.ts';
import { readSearchConfig, userPoolOf } from '../config.ts';
import { searchOperations } from '../operations/search.ts';

const config = readSearchConfig();
const client = documentsOf(dynamoClient());
const files = { client, name: config.FILES_TABLE };

export const handler = createHttpHandler({
  verifyToken: cognitoTokens(userPoolOf(config)),
  operations: searchOperations({
    index: dynamoSearchReader({ client, name: config.SEARCH_TABLE }),
    files: dynamoFileLookup(files),
    documents: dynamoDocuments({ client, name: config.DOCUMENTS_TABLE }),
    records: dynamoFileStore(files),
  }),
});
