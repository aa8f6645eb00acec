import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { DocumentStore } from '../pipelines/documents/index-document.ts';

/** Table `documents` (partition key `tenant`, sort key `documentId`; TTL attribute `expiresAt`). */
export function dynamoDocumentStore(options: {
  readonly client: DynamoDBClient;
  readonly table: string;
}): DocumentStore {
  const client = DynamoDBDocumentClient.from(options.client);
  const TableName = options.table;
  return {
    async newestOrder(tenant, documentId) {
      const { Item } = await client.send(
        new GetCommand({
          TableName,
          Key: { tenant, documentId },
          ConsistentRead: true,
          ProjectionExpression: '#order',
          ExpressionAttributeNames: { '#order': 'order' },
        }),
      );
      return Item?.order as string | undefined;
    },

    async replace(item) {
      try {
        await client.send(
          new PutCommand({
            TableName,
            Item: item,
            ConditionExpression: 'attribute_not_exists(tenant) OR #order < :order',
            ExpressionAttributeNames: { '#order': 'order' },
            ExpressionAttributeValues: { ':order': item.order },
          }),
        );
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },
  };
}
