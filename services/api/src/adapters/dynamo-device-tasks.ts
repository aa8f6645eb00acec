import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, PutCommand, paginateScan, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { DeviceTaskItem } from '@millrace/types';
import type { DeviceTasks } from '../domain/devices/ports.ts';
import type { Table } from './tables.ts';

/** Table `device-tasks` (partition key `deviceId`): only devices with something to do, so it is small. */
export function dynamoDeviceTasks({ client, name: TableName }: Table): DeviceTasks {
  return {
    async plan({ deviceId, dueAt }) {
      const Item: DeviceTaskItem = { deviceId, dueAt };
      await client.send(new PutCommand({ TableName, Item }));
    },
    async *due(now) {
      const pages = paginateScan(
        { client },
        {
          TableName,
          ConsistentRead: true,
          FilterExpression: 'dueAt <= :now',
          ExpressionAttributeValues: { ':now': now },
        },
      );
      for await (const { Items = [] } of pages) yield* Items as DeviceTaskItem[];
    },
    async settle({ deviceId, dueAt }, next) {
      const asPlanned = {
        TableName,
        Key: { deviceId },
        ConditionExpression: 'dueAt = :planned',
        ExpressionAttributeValues: { ':planned': dueAt },
      };
      try {
        if (next === undefined) await client.send(new DeleteCommand(asPlanned));
        else {
          const values = { ...asPlanned.ExpressionAttributeValues, ':next': next };
          await client.send(
            new UpdateCommand({
              ...asPlanned,
              UpdateExpression: 'SET dueAt = :next',
              ExpressionAttributeValues: values,
            }),
          );
        }
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },
  };
}
