import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { eventually, testStack } from '@millrace/local-cloud/testing';
import mqtt from 'mqtt';
import { expect, test } from 'vitest';

const stack = testStack('iot-ingest');
const dynamo = stack.client(DynamoDBClient);
const TableName = 'millrace-local-devices';

async function presenceOf(deviceId: string) {
  const { Item } = await dynamo.send(
    new GetItemCommand({ TableName, Key: { deviceId: { S: deviceId } }, ConsistentRead: true }),
  );
  return Item?.presence?.M;
}

test('a device is known to be connected, then gone, then connected again', async () => {
  const Item = { deviceId: { S: 'wheel-1' }, tenant: { S: 'mill' }, status: { S: 'active' } };
  await dynamo.send(new PutItemCommand({ TableName, Item }));
  const first = await mqtt.connectAsync(stack.mqttUrl, { clientId: 'wheel-1' });
  const isConnected = (presence: Awaited<ReturnType<typeof presenceOf>>) =>
    presence?.isConnected?.BOOL === true;
  const begun = await eventually(() => presenceOf('wheel-1'), isConnected);
  await first.endAsync();
  const ended = await eventually(
    () => presenceOf('wheel-1'),
    (presence) => presence?.isConnected?.BOOL === false,
  );
  expect(ended).toMatchObject({
    reason: { S: 'CLIENT_INITIATED_DISCONNECT' },
    sessionId: begun?.sessionId,
  });
  const second = await mqtt.connectAsync(stack.mqttUrl, { clientId: 'wheel-1' });
  const again = await eventually(() => presenceOf('wheel-1'), isConnected);
  expect(again?.sessionId).not.toEqual(begun?.sessionId);
  await second.endAsync();
});

test('a client that is no registered device leaves no trace', async () => {
  const stranger = await mqtt.connectAsync(stack.mqttUrl, { clientId: 'stranger' });
  await stranger.endAsync();
  const Item = { deviceId: { S: 'later' }, tenant: { S: 'mill' }, status: { S: 'active' } };
  await dynamo.send(new PutItemCommand({ TableName, Item }));
  // Presence of a client that came after it is known: so its own was handled, or never will be.
  const later = await mqtt.connectAsync(stack.mqttUrl, { clientId: 'later' });
  await eventually(
    () => presenceOf('later'),
    (presence) => presence !== undefined,
  );
  await later.endAsync();
  const { Item: none } = await dynamo.send(
    new GetItemCommand({ TableName, Key: { deviceId: { S: 'stranger' } } }),
  );
  expect(none).toBeUndefined();
});
