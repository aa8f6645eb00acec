import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, paginateQuery } from '@aws-sdk/lib-dynamodb';
import type { StateItem } from '@millrace/types';
import type { WaitingAlerts } from '../domain/alerts/tell-alerts.ts';

/** A partition of table `states`. */
export function dynamoWaitingAlerts<A>(
  dynamoDb: DynamoDBClient,
  TableName: string,
  partition: string,
): WaitingAlerts<A> {
  const client = DynamoDBDocumentClient.from(dynamoDb);
  return {
    async *waiting() {
      const pages = paginateQuery(
        { client },
        {
          TableName,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': partition },
          ConsistentRead: true,
        },
      );
      for await (const { Items = [] } of pages) {
        for (const { pk, sk, state } of Items as StateItem[]) {
          yield { pk, sk, alert: JSON.parse(state) as A };
        }
      }
    },
    settle: async ({ pk, sk }) => {
      await client.send(new DeleteCommand({ TableName, Key: { pk, sk } }));
    },
  };
}
