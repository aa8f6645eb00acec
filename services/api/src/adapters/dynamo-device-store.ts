import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { DeviceItem } from '@millrace/types';
import type { DeviceStore } from '../domain/devices/devices.ts';
import { putOnce, queryTenant, type Table } from './tables.ts';

/** Table `devices` (partition key `deviceId`; index `byTenant`), shared with iot-ingest. */
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
  };
}
