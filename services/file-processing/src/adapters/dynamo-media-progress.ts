import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Results } from '../domain/processors/media/job.ts';

/** Tells in the table `files` how far a version is that several work on; it never goes back. */
export function dynamoMediaProgress(client: DynamoDBClient, table: string): Results['progress'] {
  const documents = DynamoDBDocumentClient.from(client);
  return async ({ tenant, fileId }, { order }, percent) => {
    const at = { TableName: table, Key: { tenant, fileId } };
    try {
      await documents.send(
        new UpdateCommand({
          ...at,
          UpdateExpression: 'SET progress = :progress',
          ConditionExpression:
            'sequencer = :order AND #status = :processing AND (attribute_not_exists(progress.#percent) OR progress.#percent < :percent)',
          ExpressionAttributeNames: { '#status': 'status', '#percent': 'percent' },
          ExpressionAttributeValues: {
            ':order': order,
            ':processing': 'processing',
            ':percent': percent,
            ':progress': { stage: 'processing', percent },
          },
        }),
      );
      return true;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      const { Item } = await documents.send(new GetCommand({ ...at, ConsistentRead: true }));
      return Item?.sequencer === order;
    }
  };
}
