import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { CommandResultItem } from '@millrace/types';
import type { CommandResults } from '../domain/commands/record-result.ts';

type Item = Record<string, AttributeValue>;

/** Table `commands`, which the API writes as well: only what is `sent` is ended, and once. */
export function dynamoCommandResults(client: DynamoDBClient, table: string): CommandResults {
  /** undefined when it was written, else the item that there is. */
  async function update(
    [deviceId, commandId]: readonly [string, string],
    expression: {
      set: string;
      condition: string;
      values: Item;
      names?: Record<string, string>;
    },
  ): Promise<{ readonly item: Item | undefined } | undefined> {
    try {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: { deviceId: { S: deviceId }, commandId: { S: commandId } },
          UpdateExpression: expression.set,
          ConditionExpression: expression.condition,
          ExpressionAttributeNames: { '#state': 'state', ...expression.names },
          ExpressionAttributeValues: expression.values,
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      return undefined;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return { item: error.Item };
      throw error;
    }
  }
  return {
    async record(deviceId, commandId, result) {
      const key = [deviceId, commandId] as const;
      const values = { ':result': { M: marshalled(result) }, ':sent': { S: 'sent' } };
      const at = { ':at': { N: String(result.at) } };
      const inTime = await update(key, {
        set: 'SET #state = :outcome, #result = :result',
        names: { '#result': 'result' },
        condition: '#state = :sent AND timeoutAt >= :at',
        values: { ...values, ...at, ':outcome': { S: result.outcome } },
      });
      if (inTime === undefined) return 'recorded';
      if (inTime.item === undefined) return 'unknown';
      const late = await update(key, {
        set: 'SET #state = :over, lateResult = :result',
        condition:
          '(#state = :sent AND timeoutAt < :at) OR (#state = :over AND attribute_not_exists(lateResult))',
        values: { ...values, ...at, ':over': { S: 'timed_out' } },
      });
      return late === undefined ? 'late' : 'repeated';
    },
  };
}

function marshalled({ outcome, payload, at }: CommandResultItem): Item {
  return {
    outcome: { S: outcome },
    at: { N: String(at) },
    ...(payload !== undefined && { payload: { S: payload } }),
  };
}
