import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { type PresenceStore, replaceable } from '../domain/presence/presence.ts';

/** Beside what the API writes of a device: this changes `presence` alone. */
export function dynamoPresenceStore(client: DynamoDBClient, table: string): PresenceStore {
  return {
    async keepNewest(deviceId, presence) {
      const { isConnected, at, order, sessionId, reason } = presence;
      const { orderBelow, atMost, disconnectedBefore } = replaceable(presence);
      const kept = {
        isConnected: { BOOL: isConnected },
        at: { N: String(at) },
        order: { N: String(order) },
        sessionId: { S: sessionId },
        ...(reason !== undefined && { reason: { S: reason } }),
      };
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: { deviceId: { S: deviceId } },
            UpdateExpression: 'SET presence = :presence',
            ConditionExpression: `attribute_exists(tenant) AND (attribute_not_exists(presence)
              OR (presence.#order < :order AND presence.#at <= :atMost)
              OR (presence.isConnected = :no AND presence.#at < :disconnectedBefore))`,
            ExpressionAttributeNames: { '#at': 'at', '#order': 'order' },
            ExpressionAttributeValues: {
              ':presence': { M: kept },
              ':order': { N: String(orderBelow) },
              ':atMost': { N: String(atMost) },
              ':disconnectedBefore': { N: String(disconnectedBefore) },
              ':no': { BOOL: false },
            },
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
