import { DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
} from '@aws-sdk/client-kinesis';
import { eventually, testStack } from '@millrace/local-cloud/testing';
import { MillraceEvent, Rejection, topics, validate } from '@millrace/types';
import mqtt, { type MqttClient } from 'mqtt';
import { beforeAll, expect, test } from 'vitest';

const STREAM = 'millrace-local-events';
const stack = testStack('iot-ingest');
const kinesis = stack.client(KinesisClient);
const dynamo = stack.client(DynamoDBClient);
const iot = stack.client(IoTDataPlaneClient);

beforeAll(createEventsStream);

/** The stream belongs to stream-analytics, which does not run here. */
async function createEventsStream(): Promise<void> {
  await kinesis.send(new CreateStreamCommand({ StreamName: STREAM, ShardCount: 1 }));
  await eventually(
    () => kinesis.send(new DescribeStreamSummaryCommand({ StreamName: STREAM })),
    ({ StreamDescriptionSummary: summary }) => summary?.StreamStatus === 'ACTIVE',
  );
}

async function register(deviceId: string, status = 'active', perMinute?: number): Promise<void> {
  const quota = { perMinute: { N: String(perMinute) }, burst: { N: String(perMinute) } };
  await dynamo.send(
    new PutItemCommand({
      TableName: 'millrace-local-devices',
      Item: {
        deviceId: { S: deviceId },
        tenant: { S: 'mill' },
        status: { S: status },
        ...(perMinute !== undefined && { quota: { M: quota } }),
      },
    }),
  );
}

async function eventsOf(deviceId: string): Promise<{ event: MillraceEvent; key: string }[]> {
  const { Shards = [] } = await kinesis.send(new ListShardsCommand({ StreamName: STREAM }));
  const all = await Promise.all(
    Shards.map(async ({ ShardId }) => {
      const { ShardIterator } = await kinesis.send(
        new GetShardIteratorCommand({
          StreamName: STREAM,
          ShardId,
          ShardIteratorType: 'TRIM_HORIZON',
        }),
      );
      const { Records = [] } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
      return Records.map(({ Data, PartitionKey = '' }) => {
        const read = validate(MillraceEvent, JSON.parse(Buffer.from(Data ?? []).toString()));
        if (!read.ok) throw new TypeError('There is something else on the stream.');
        return { event: read.value, key: PartitionKey };
      });
    }),
  );
  return all.flat().filter(({ event }) => event.subject === deviceId);
}

async function deadLettersOf(deviceId: string) {
  const { Items = [] } = await dynamo.send(
    new QueryCommand({
      TableName: 'millrace-local-iot-ingest-dead-letters',
      KeyConditionExpression: 'pk = :source',
      ExpressionAttributeValues: {
        ':source': { S: 'millrace-iot-ingest-local-ingestReading' },
      },
    }),
  );
  return Items.filter((item) => item.attributes?.M?.deviceId?.S === deviceId);
}

/** Connects as a device, with what it is told in `rejections`. */
async function connectDevice(clientId: string, deviceId = clientId) {
  const client: MqttClient = await mqtt.connectAsync(stack.mqttUrl, { clientId });
  const rejections: unknown[] = [];
  client.on('message', (_topic, payload) => rejections.push(JSON.parse(payload.toString())));
  await client.subscribeAsync(topics.telemetryRejected(deviceId), { qos: 1 });
  return {
    rejections,
    publish: (payload: string | Buffer) =>
      client.publishAsync(topics.telemetry(deviceId), payload, { qos: 1 }),
    [Symbol.asyncDispose]: () => client.endAsync(),
  };
}

const TIME = new Date().toISOString();
const reading = (rpm: number, time = TIME) =>
  JSON.stringify({ time, metrics: { rpm }, usage: { grain_kg: 0.5 } });

test('a reading published over MQTT is an event on the stream', async () => {
  await register('wheel-1');
  await using device = await connectDevice('wheel-1');
  await device.publish(reading(8.25));
  const events = await eventually(
    () => eventsOf('wheel-1'),
    (found) => found.length > 0,
  );
  expect(events).toMatchObject([
    {
      key: 'mill/wheel-1',
      event: {
        source: 'millrace/devices/wheel-1',
        tenant: 'mill',
        time: TIME,
        data: { deviceId: 'wheel-1', metrics: { rpm: 8.25 }, usage: { grain_kg: 0.5 } },
      },
    },
  ]);
  expect(device.rejections).toEqual([]);
});

test('a reading that is delivered twice is the same event twice', async () => {
  await register('wheel-2');
  await using device = await connectDevice('wheel-2');
  await device.publish(reading(1));
  await device.publish(reading(1));
  await device.publish(reading(2));
  const events = await eventually(
    () => eventsOf('wheel-2'),
    (found) => found.length >= 3,
  );
  expect(new Set(events.map(({ event }) => event.id)).size).toBe(2);
});

test('a reading published over HTTPS is an event too', async () => {
  await register('wheel-3');
  await iot.send(
    new PublishCommand({
      topic: topics.telemetry('wheel-3'),
      qos: 1,
      payload: Buffer.from(reading(3)),
    }),
  );
  await eventually(
    () => eventsOf('wheel-3'),
    (found) => found.length > 0,
  );
});

test.each([
  ['an unregistered device', 'stranger', 'stranger', reading(1), 'device_unknown'],
  ['a disabled device', 'retired', 'retired', reading(1), 'device_disabled'],
  ['another device', 'impostor', 'wheel-4', reading(1), 'device_mismatch'],
  ['what is no JSON', 'wheel-5', 'wheel-5', Buffer.from([0xff, 0x00]), 'not_json'],
  ['what is no reading', 'wheel-6', 'wheel-6', '{"metrics":{}}', 'reading_invalid'],
  [
    'a clock of 1970',
    'wheel-7',
    'wheel-7',
    reading(1, '1970-01-01T00:00:00Z'),
    'time_out_of_range',
  ],
])('%s is told why, and the message is kept', async (_case, clientId, deviceId, payload, code) => {
  await register('retired', 'disabled');
  for (const id of ['wheel-4', 'wheel-5', 'wheel-6', 'wheel-7']) await register(id);
  await using device = await connectDevice(clientId, deviceId);
  await device.publish(payload);
  const [rejection] = await eventually(
    async () => device.rejections,
    (told) => told.length > 0,
  );
  expect(validate(Rejection, rejection)).toMatchObject({ ok: true, value: { code } });
  expect(await deadLettersOf(deviceId)).toMatchObject([
    { reasonCode: { S: code }, payloadBytes: { N: String(Buffer.byteLength(payload)) } },
  ]);
  expect(await eventsOf(deviceId)).toEqual([]);
});

test('a device above its quota is told so, and nothing of the flood is kept', async () => {
  await register('wheel-8', 'active', 1);
  await using device = await connectDevice('wheel-8');
  // More than ten minutes hold, so that it does not matter which minutes these are.
  for (let n = 0; n < 22; n += 1) await device.publish(reading(n));
  const told = await eventually(
    async () => device.rejections,
    ({ length }) => length >= 2,
  );
  expect(told[0]).toMatchObject({ code: 'quota_exceeded', retryAfterSeconds: expect.any(Number) });
  expect(await deadLettersOf('wheel-8')).toEqual([]);
});
