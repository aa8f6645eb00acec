import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { DocumentItem } from '@millrace/types';
import type { DocumentReader } from '../domain/documents/document-resource.ts';
import type { DocumentLookup, DocumentState } from '../domain/search/ports.ts';
import { batchGet } from './batch-get.ts';
import type { Table } from './tables.ts';

/** What a hit shows; the text stays where it is. */
const SHOWN = ['documentId', 'order', 'deleted', 'title', 'language'] as const;

/** Table `documents` (partition key `tenant`, sort key `documentId`), owned by stream-analytics. */
export function dynamoDocuments(table: Table): DocumentReader & DocumentLookup {
  const { client, name: TableName } = table;
  return {
    async find(tenant, documentId) {
      const { Item } = await client.send(
        new GetCommand({ TableName, Key: { tenant, documentId }, ConsistentRead: true }),
      );
      return Item as DocumentItem | undefined;
    },
    async findAll(tenant, documentIds) {
      const keys = documentIds.map((documentId) => ({ tenant, documentId }));
      const items = await batchGet<DocumentState>(table, keys, {
        isConsistent: true,
        attributes: SHOWN,
      });
      return new Map(items.map((item) => [item.documentId, item]));
    },
  };
}
