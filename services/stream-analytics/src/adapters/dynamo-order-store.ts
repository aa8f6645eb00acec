import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { OrderItem } from '@millrace/types';
import type { OrderStore } from '../pipelines/orders/project-order.ts';

/** Table `orders` (partition key `tenant`, sort key `orderId`). */
export function dynamoOrderStore(options: {
  readonly client: DynamoDBClient;
  readonly table: string;
}): OrderStore {
  const client = DynamoDBDocumentClient.from(options.client);
  const TableName = options.table;
  return {
    async find(tenant, orderId) {
      const found = await client.send(
        new GetCommand({ TableName, Key: { tenant, orderId }, ConsistentRead: true }),
      );
      // Written by `create` and by the API, through the same `orderItemFrom`.
      return found.Item as OrderItem | undefined;
    },
    create: (order) =>
      isWritten(
        client.send(
          new PutCommand({
            TableName,
            Item: order,
            ConditionExpression: 'attribute_not_exists(tenant)',
          }),
        ),
      ),
    move: ({ tenant, orderId }, from, to) =>
      isWritten(
        client.send(
          new UpdateCommand({
            TableName,
            Key: { tenant, orderId },
            UpdateExpression: 'SET #status = :status, #updatedAt = :updatedAt',
            ConditionExpression: '#status = :fromStatus AND #updatedAt = :fromUpdatedAt',
            ExpressionAttributeNames: { '#status': 'status', '#updatedAt': 'updatedAt' },
            ExpressionAttributeValues: {
              ':status': to.status,
              ':updatedAt': to.updatedAt,
              ':fromStatus': from.status,
              ':fromUpdatedAt': from.updatedAt,
            },
          }),
        ),
      ),
  };
}

/** False where the condition did not hold. */
async function isWritten(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
