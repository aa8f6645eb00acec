import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { QuotaCounter } from '../domain/quota/device-quotas.ts';
import type { QuotaUse } from '../domain/quota/quota-window.ts';

/** A window is asked about until its last message is given up by Lambda (6 h), and is small. */
const KEPT_MS = 86_400_000;

/**
 * Table `quotas` (partition key `window`: the sender and the start of its ten minutes): one small
 * item with a number for each minute and one for all of them.
 */
export function dynamoQuotaCounter(client: DynamoDBClient, table: string): QuotaCounter {
  return {
    async add(sender, { startsAt, minute }, count, most) {
      const inMinute = `minute${minute}`;
      const useOf = (item: Record<string, AttributeValue> | undefined): QuotaUse => ({
        inMinute: Number(item?.[inMinute]?.N ?? 0),
        inWindow: Number(item?.total?.N ?? 0),
      });
      // An item that is not there passes the conditions on its numbers, whatever is allowed.
      if (count > most.inMinute || count > most.inWindow) {
        return { added: false, use: { inMinute: 0, inWindow: 0 } };
      }
      try {
        const { Attributes } = await client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: { window: { S: `${new Date(startsAt).toISOString()}#${sender}` } },
            UpdateExpression: 'SET expiresAt = :expiresAt ADD #total :count, #minute :count',
            ConditionExpression:
              '(attribute_not_exists(#total) OR #total <= :total) AND (attribute_not_exists(#minute) OR #minute <= :minute)',
            ExpressionAttributeNames: { '#total': 'total', '#minute': inMinute },
            ExpressionAttributeValues: {
              ':count': { N: String(count) },
              ':total': { N: String(most.inWindow - count) },
              ':minute': { N: String(most.inMinute - count) },
              ':expiresAt': { N: String(Math.ceil((startsAt + KEPT_MS) / 1000)) },
            },
            ReturnValues: 'ALL_NEW',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        );
        return { added: true, use: useOf(Attributes) };
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        return { added: false, use: useOf(error.Item) };
      }
    },
  };
}
