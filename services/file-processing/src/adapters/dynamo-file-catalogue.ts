import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
} from '@aws-sdk/lib-dynamodb';
import { PermanentError } from '@millrace/middleware';
import { DEFAULT_TENANT, type FileItem } from '@millrace/types';
import * as z from 'zod/mini';
import type { FileCatalogue } from '../domain/redo-upload.ts';

const ITEMS_PER_PAGE = 500;

const Cursor = z.object({
  /** Which of the places that are looked through. */
  place: z.int().check(z.gte(0)),
  after: z.optional(z.record(z.string(), z.unknown())),
});

/**
 * The table is by tenant. Uploads of the API begin with theirs; any other key is of the default
 * tenant. A prefix that is less than a tenant's name may be of any: the whole table is looked through.
 */
export function dynamoFileCatalogue(client: DynamoDBClient, TableName: string): FileCatalogue {
  const documents = DynamoDBDocumentClient.from(client);

  async function look(tenant: string | undefined, input: Omit<QueryCommandInput, 'TableName'>) {
    if (tenant === undefined) return documents.send(new ScanCommand({ TableName, ...input }));
    return documents.send(
      new QueryCommand({
        TableName,
        ...input,
        KeyConditionExpression: 'tenant = :tenant',
        ExpressionAttributeValues: { ...input.ExpressionAttributeValues, ':tenant': tenant },
      }),
    );
  }

  return {
    async find({ tenant, fileId }) {
      const { Item } = await documents.send(
        new GetCommand({ TableName, Key: { tenant, fileId }, ConsistentRead: true }),
      );
      return Item as FileItem | undefined;
    },
    async page(prefix, cursor) {
      const places = prefix.includes('/')
        ? [...new Set([prefix.slice(0, prefix.indexOf('/')), DEFAULT_TENANT])]
        : [undefined];
      const { place, after } = readCursor(cursor);
      const { Items = [], LastEvaluatedKey } = await look(places[place], {
        ...(prefix !== '' && {
          FilterExpression: 'begins_with(#key, :prefix)',
          ExpressionAttributeNames: { '#key': 'key' },
          ExpressionAttributeValues: { ':prefix': prefix },
        }),
        ExclusiveStartKey: after,
        Limit: ITEMS_PER_PAGE,
      });
      const next = LastEvaluatedKey
        ? { place, after: LastEvaluatedKey }
        : place + 1 < places.length && { place: place + 1 };
      return {
        items: Items as FileItem[],
        ...(next && { cursor: Buffer.from(JSON.stringify(next)).toString('base64url') }),
      };
    },
  };
}

function readCursor(cursor: string | undefined): z.infer<typeof Cursor> {
  if (cursor === undefined) return { place: 0 };
  try {
    return z.parse(Cursor, JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch (cause) {
    throw new PermanentError('cursor_invalid', 'Take the cursor as the page before gave it.', {
      cause,
    });
  }
}
