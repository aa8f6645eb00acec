import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { DeviceRegistry } from '../domain/ports.ts';

/** The table `devices`, read consistently: a device may publish as soon as it is registered. */
export function dynamoDeviceRegistry(client: DynamoDBClient, table: string): DeviceRegistry {
  return {
    async find(deviceId) {
      const { Item } = await client.send(
        new GetItemCommand({
          TableName: table,
          Key: { deviceId: { S: deviceId } },
          ConsistentRead: true,
          ProjectionExpression: 'tenant, #status, quota',
          ExpressionAttributeNames: { '#status': 'status' },
        }),
      );
      const tenant = Item?.tenant?.S;
      if (tenant === undefined) return undefined;
      // A status that this version does not know is not "active".
      const status = Item?.status?.S === 'active' ? 'active' : 'disabled';
      const { perMinute, burst } = Item?.quota?.M ?? {};
      const quota = { perMinute: Number(perMinute?.N), burst: Number(burst?.N) };
      const isSet = Number.isFinite(quota.perMinute + quota.burst);
      return { deviceId, tenant, status, ...(isSet && { quota }) };
    },
  };
}
