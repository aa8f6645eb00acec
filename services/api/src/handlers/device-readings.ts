import { cognitoTokens, createHttpHandler } from '@millrace/middleware/http';
import { documentsOf, dynamoClient } from '../adapters/clients.ts';
import { dynamoDeviceStore } from '../adapters/dynamo-device-store.ts';
import { dynamoReadingStore } from '../adapters/dynamo-reading-store.ts';
import { readDeviceReadingsConfig, userPoolOf } from '../config.ts';
import { deviceReadingOperations } from '../operations/device-readings.ts';

const config = readDeviceReadingsConfig();
const client = documentsOf(dynamoClient());

export const handler = createHttpHandler({
  verifyToken: cognitoTokens(userPoolOf(config)),
  operations: deviceReadingOperations({
    devices: dynamoDeviceStore({ client, name: config.DEVICES_TABLE }),
    readings: dynamoReadingStore({ client, name: config.STATES_TABLE }),
  }),
});
