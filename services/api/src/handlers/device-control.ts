import { cognitoTokens, createHttpHandler } from '@millrace/middleware/http';
import { documentsOf, dynamoClient, iotDataClient } from '../adapters/clients.ts';
import { dynamoCommandStore } from '../adapters/dynamo-command-store.ts';
import { dynamoDeviceStore } from '../adapters/dynamo-device-store.ts';
import { dynamoOrderTimes } from '../adapters/dynamo-order-times.ts';
import { iotShadows } from '../adapters/iot-shadows.ts';
import { mqttCommandTopic } from '../adapters/mqtt-command-topic.ts';
import { readDeviceControlConfig, userPoolOf } from '../config.ts';
import { deviceControlOperations } from '../operations/device-control.ts';

const config = readDeviceControlConfig();
const client = documentsOf(dynamoClient());
const broker = iotDataClient();

export const handler = createHttpHandler({
  verifyToken: cognitoTokens(userPoolOf(config)),
  operations: deviceControlOperations({
    devices: dynamoDeviceStore({ client, name: config.DEVICES_TABLE }),
    commands: dynamoCommandStore({ client, name: config.COMMANDS_TABLE }),
    times: dynamoOrderTimes({ client, name: config.IDEMPOTENCY_TABLE }),
    topic: mqttCommandTopic(broker),
    shadows: iotShadows(broker),
  }),
});
