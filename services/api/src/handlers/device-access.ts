import { cognitoTokens, createHttpHandler } from '@millrace/middleware/http';
import { documentsOf, dynamoClient, iotClient, iotDataClient } from '../adapters/clients.ts';
import { dynamoDeviceStore } from '../adapters/dynamo-device-store.ts';
import { dynamoDeviceTasks } from '../adapters/dynamo-device-tasks.ts';
import { iotDeviceIdentities } from '../adapters/iot-device-identities.ts';
import { readDeviceAccessConfig, userPoolOf } from '../config.ts';
import { deviceAccessOperations } from '../operations/device-access.ts';

const config = readDeviceAccessConfig();
const client = documentsOf(dynamoClient());

export const handler = createHttpHandler({
  verifyToken: cognitoTokens(userPoolOf(config)),
  operations: deviceAccessOperations({
    devices: dynamoDeviceStore({ client, name: config.DEVICES_TABLE }),
    tasks: dynamoDeviceTasks({ client, name: config.DEVICE_TASKS_TABLE }),
    identities: iotDeviceIdentities(iotClient(), iotDataClient(), config.DEVICE_POLICY),
  }),
});
