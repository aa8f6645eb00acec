import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { CommandItem } from '@millrace/types';
import type { CommandStore } from '../domain/commands/ports.ts';
import { putOnce, type Table } from './tables.ts';

/** Table `commands` (partition key `deviceId`, sort key `commandId`), shared with iot-ingest. */
export function dynamoCommandStore(table: Table): CommandStore {
  const { client, name: TableName } = table;
  return {
    addOnce: (command) => putOnce<CommandItem>(table, 'commandId', command),
    async find(deviceId, commandId) {
      const { Item } = await client.send(
        new GetCommand({ TableName, Key: { deviceId, commandId }, ConsistentRead: true }),
      );
      return Item as CommandItem | undefined;
    },
    async list(deviceId, { limit, after }) {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName,
          ConsistentRead: true,
          ScanIndexForward: false,
          KeyConditionExpression:
            after === undefined ? 'deviceId = :id' : 'deviceId = :id AND commandId < :after',
          ExpressionAttributeValues: {
            ':id': deviceId,
            ...(after !== undefined && { ':after': after }),
          },
          // One more than asked for tells whether there is a next page.
          Limit: limit + 1,
        }),
      );
      const items = (Items as CommandItem[]).slice(0, limit);
      const last = items.at(-1);
      const isMore = Items.length > limit || LastEvaluatedKey !== undefined;
      return { items, ...(isMore && last && { last: last.commandId }) };
    },
    async timeOut(command) {
      const { deviceId, commandId } = command;
      try {
        const { Attributes } = await client.send(
          new UpdateCommand({
            TableName,
            Key: { deviceId, commandId },
            UpdateExpression: 'SET #state = :over',
            ConditionExpression: '#state = :sent',
            ExpressionAttributeNames: { '#state': 'state' },
            ExpressionAttributeValues: { ':over': 'timed_out', ':sent': 'sent' },
            ReturnValues: 'ALL_NEW',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        );
        return Attributes as CommandItem;
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        // Forgotten in this moment: its time was over long ago.
        return error.Item
          ? (unmarshall(error.Item) as CommandItem)
          : { ...command, state: 'timed_out' };
      }
    },
  };
}
