import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { ClaimedDevice, ClaimStore } from '../domain/provisioning/approve-device.ts';

/**
 * Table `devices`, by the API's own rule: whoever changes an item raises its `revision` from the one
 * that was read, so that neither overwrites what the other has written.
 */
export function dynamoClaimStore(client: DynamoDBClient, table: string): ClaimStore {
  return {
    async find(deviceId) {
      const { Item } = await client.send(
        new GetItemCommand({
          TableName: table,
          Key: { deviceId: { S: deviceId } },
          ConsistentRead: true,
        }),
      );
      return Item && (unmarshall(Item) as ClaimedDevice);
    },
    async use({ deviceId, revision }, { claim, credentials }, now) {
      const values = {
        ...{ ':claim': claim, ':credentials': credentials },
        ...{ ':at': new Date(now).toISOString(), ':next': (revision ?? 0) + 1 },
        ...(revision !== undefined && { ':seen': revision }),
      };
      const seen = revision === undefined ? 'attribute_not_exists(revision)' : 'revision = :seen';
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: { deviceId: { S: deviceId } },
            UpdateExpression:
              'SET claim = :claim, credentials = :credentials, updatedAt = :at, revision = :next',
            ConditionExpression: `attribute_exists(tenant) AND ${seen}`,
            ExpressionAttributeValues: marshall(values, { removeUndefinedValues: true }),
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
