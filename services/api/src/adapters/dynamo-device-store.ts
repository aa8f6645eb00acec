import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { DeviceItem } from '@millrace/types';
import type { DeviceChanges, DeviceStore } from '../domain/devices/ports.ts';
import { putOnce, queryTenant, type Table } from './tables.ts';

/**
 * Table `devices` (partition key `deviceId`; index `byTenant`), shared with iot-ingest, which writes
 * other attributes of an item: a change names what it changes and leaves the rest.
 */
export function dynamoDeviceStore(table: Table): DeviceStore {
  const { client, name: TableName } = table;
  return {
    async find(deviceId) {
      const { Item } = await client.send(
        new GetCommand({ TableName, Key: { deviceId }, ConsistentRead: true }),
      );
      return Item as DeviceItem | undefined;
    },
    list: (tenant, page) => queryTenant<DeviceItem>(table, tenant, 'deviceId', page, 'byTenant'),
    addOnce: (device) => putOnce<DeviceItem>(table, 'deviceId', device),
    async change(seen, changes) {
      const { Attributes } =
        (await unlessOther(
          client.send(new UpdateCommand({ TableName, ...updateOf(seen, changes) })),
        )) ?? {};
      return Attributes as DeviceItem | undefined;
    },
    async remove(seen) {
      const command = new DeleteCommand({ TableName, ...asSeen(seen) });
      return (await unlessOther(client.send(command))) !== undefined;
    },
  };
}

function asSeen({ deviceId, revision }: DeviceItem) {
  return {
    Key: { deviceId },
    // The index has no item without a tenant: it is the proof that there is one.
    ConditionExpression:
      revision === undefined
        ? 'attribute_exists(tenant) AND attribute_not_exists(revision)'
        : 'revision = :seen',
    ...(revision !== undefined && { ExpressionAttributeValues: { ':seen': revision } }),
  };
}

function updateOf(seen: DeviceItem, { set = {}, remove = [] }: DeviceChanges) {
  const condition = asSeen(seen);
  const sets = Object.entries({ ...set, revision: (seen.revision ?? 0) + 1 });
  const removes = remove.map((name) => `#${name}`);
  return {
    ...condition,
    UpdateExpression: [
      `SET ${sets.map(([name]) => `#${name} = :${name}`).join(', ')}`,
      ...(removes.length > 0 ? [`REMOVE ${removes.join(', ')}`] : []),
    ].join(' '),
    ExpressionAttributeNames: Object.fromEntries(
      [...sets.map(([name]) => name), ...remove].map((name) => [`#${name}`, name]),
    ),
    ExpressionAttributeValues: {
      ...condition.ExpressionAttributeValues,
      ...Object.fromEntries(sets.map(([name, value]) => [`:${name}`, value])),
    },
    ReturnValues: 'ALL_NEW' as const,
  };
}

async function unlessOther<T>(sent: Promise<T>): Promise<T | undefined> {
  try {
    return await sent;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}
