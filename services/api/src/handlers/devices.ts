import { cognitoTokens, createHttpHandler } from '@millrace/middleware/http';
import { documentsOf, dynamoClient } from '../adapters/clients.ts';
import { dynamoDeviceStore } from '../adapters/dynamo-device-store.ts';
import { readDevicesConfig, userPoolOf } from '../config.ts';
import { deviceOperations } from '../operations/devices.ts';

const config = readDevicesConfig();

export const handler = createHttpHandler({
  verifyToken: cognitoTokens(userPoolOf(config)),
  operations: deviceOperations({
    devices: dynamoDeviceStore({ client: documentsOf(dynamoClient()), name: config.DEVICES_TABLE }),
  }),
});
