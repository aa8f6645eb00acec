import { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { GetRecordsCommand, GetShardIteratorCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CloudFormationResource } from '../../src/ports.ts';
import { type CloudFixture, startCloudFixture } from '../edge/cloud-fixture.ts';
import { type LambdaServer, startLambdaServer } from '../edge/lambda-server.ts';
import { registration, runService } from '../edge/service-fixture.ts';

const queueUrl = (name: string) => `http://127.0.0.1/000000000000/${name}`;
const rule = (
  RuleName: string,
  Sql: string,
  Actions: Record<string, unknown>[],
  ErrorAction?: Record<string, unknown>,
): CloudFormationResource => ({
  Type: 'AWS::IoT::TopicRule',
  Properties: {
    RuleName,
    TopicRulePayload: { Sql, Actions, ...(ErrorAction && { ErrorAction }) },
  },
});
/** A substitution template of IoT: a dollar sign and the expression in braces. */
const template = (expression: string) => `\${${expression}}`;
const sqs = (name: string, UseBase64 = false) => ({ Sqs: { QueueUrl: queueUrl(name), UseBase64 } });
const functionArn = (key: string) =>
  `arn:aws:lambda:us-east-1:000000000000:function:millrace-sample-local-${key}`;

const resources: Record<string, CloudFormationResource> = {
  Stream: { Type: 'AWS::Kinesis::Stream', Properties: { Name: 'readings', ShardCount: 1 } },
  Results: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'results' } },
  Errors: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'errors' } },
  Telemetry: rule(
    'telemetry',
    "SELECT *, topic(2) AS deviceId, clientid() AS client FROM 'devices/+/telemetry' WHERE metrics.t > 0",
    [{ Lambda: { FunctionArn: functionArn('ingest') } }],
  ),
  Slow: rule('slow', "SELECT n FROM 'slow/+'", [{ Lambda: { FunctionArn: functionArn('slow') } }]),
  Presence: rule('presence', "SELECT * FROM '$aws/events/presence/#'", [
    { Lambda: { FunctionArn: functionArn('presence') } },
  ]),
  ToStream: rule('to_stream', "SELECT value FROM 'stream/+'", [
    {
      Kinesis: {
        StreamName: 'readings',
        PartitionKey: `${template('topic(2)')}-${template('value')}`,
      },
    },
  ]),
  Failing: rule(
    'failing',
    "SELECT * FROM 'failing/+'",
    [
      sqs('results'),
      sqs('no-such-queue'),
      { Kinesis: { StreamName: 'no-such-stream', PartitionKey: 'a' } },
    ],
    sqs('errors'),
  ),
  Again: rule('again', "SELECT n + 1 AS n FROM 'again/+'", [
    { Republish: { Topic: `changed/${template('topic(2)')}`, Qos: 1 } },
  ]),
  Circle: rule(
    'circle',
    "SELECT n + 1 AS n FROM 'circle/a'",
    [{ Republish: { Topic: 'circle/a', Qos: 0 } }],
    sqs('errors'),
  ),
  Broken: rule('broken', "SELECT nonsense( FROM 'x'", [sqs('results')]),
};

let fixture: CloudFixture;
let functions: LambdaServer;
const clients: MqttClient[] = [];
/** By function: what its invocations wait for. */
const holding = new Map<string, Promise<void>>();

beforeAll(async () => {
  fixture = await startCloudFixture();
  functions = await startLambdaServer((name) => holding.get(name));
  const declared = registration({ ingest: {}, presence: {}, slow: {} }, resources);
  await runService(fixture.cloud.edgeUrl, declared, functions.url);
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.endAsync(true)));
});
afterAll(async () => {
  await fixture.stop();
  functions.close();
});

async function connect(clientId: string, options: mqtt.IClientOptions = {}): Promise<MqttClient> {
  const client = await mqtt.connectAsync(fixture.cloud.mqttUrl, {
    clientId,
    reconnectPeriod: 0,
    ...options,
  });
  clients.push(client);
  return client;
}

/** Messages on a topic filter from now on. */
async function listen(filter: string): Promise<{ topic: string; text: string }[]> {
  const messages: { topic: string; text: string }[] = [];
  const client = await connect(`listener-${filter.replace(/\W/g, '')}`);
  client.on('message', (topic, payload) => messages.push({ topic, text: payload.toString() }));
  await client.subscribeAsync(filter, { qos: 1 });
  return messages;
}

async function receive(name: string): Promise<string[]> {
  const { Messages } = await new SQSClient(fixture.client).send(
    new ReceiveMessageCommand({
      QueueUrl: queueUrl(name),
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: 2,
    }),
  );
  return (Messages ?? []).map(({ Body }) => Body ?? '');
}

function holdBack(key: string): { letGo(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  holding.set(`millrace-sample-local-${key}`, promise);
  return { letGo: resolve };
}

const eventsOf = (key: string) =>
  functions.received
    .filter(({ name }) => name === `millrace-sample-local-${key}`)
    .map(({ event }) => event);

describe('a rule with a function', () => {
  it('has the message queued durably when the device gets its acknowledgement', async () => {
    const device = await connect('d1');
    const queued = () =>
      fixture.cloud.state.db
        .prepare("SELECT count(*) AS n FROM async_invocations WHERE payload LIKE '%marker-1%'")
        .get()?.n;
    const base = `${fixture.cloud.edgeUrl}/_millrace/services/millrace-sample/endpoint`;
    await fetch(base, { method: 'DELETE' });
    const payload = JSON.stringify({ metrics: { t: 21.5 }, marker: 'marker-1' });
    await device.publishAsync('devices/d1/telemetry', payload, { qos: 1 });
    expect(queued()).toBe(1);
    await fetch(base, {
      method: 'PUT',
      body: JSON.stringify({ lambdaUrl: functions.url, pid: process.pid }),
    });
    await expect
      .poll(() => eventsOf('ingest'))
      .toEqual([{ metrics: { t: 21.5 }, marker: 'marker-1', deviceId: 'd1', client: 'd1' }]);
  });

  it('acknowledges no faster than its function works, once much waits for it', async () => {
    const device = await connect('d3');
    const held = holdBack('slow');
    let acknowledged = 0;
    const published = Array.from({ length: 600 }, async (_, n) => {
      await device.publishAsync('slow/d3', JSON.stringify({ n }), { qos: 1 });
      acknowledged += 1;
    });
    await expect.poll(() => acknowledged, { timeout: 10_000 }).toBeGreaterThanOrEqual(504);
    expect(acknowledged).toBeLessThan(600);
    held.letGo();
    await Promise.all(published);
    await expect.poll(() => eventsOf('slow').length).toBe(600);
  });

  it('runs only where WHERE holds', async () => {
    const device = await connect('d2');
    const before = eventsOf('ingest').length;
    await device.publishAsync('devices/d2/telemetry', '{"metrics":{"t":0}}', { qos: 1 });
    await device.publishAsync('devices/d2/telemetry', '{"metrics":{"t":1}}', { qos: 1 });
    await expect.poll(() => eventsOf('ingest').length).toBe(before + 1);
    expect(eventsOf('ingest').at(-1)).toMatchObject({ deviceId: 'd2', metrics: { t: 1 } });
  });

  it('also gets what is published through the data plane', async () => {
    const iot = new IoTDataPlaneClient(fixture.client);
    const payload = Buffer.from('{"metrics":{"t":5}}');
    await iot.send(new PublishCommand({ topic: 'devices/d3/telemetry', qos: 1, payload }));
    await expect
      .poll(() => eventsOf('ingest').at(-1))
      .toEqual({ metrics: { t: 5 }, deviceId: 'd3', client: 'N/A' });
  });
});

describe('other actions', () => {
  it('put records on a stream under the key of a substitution template', async () => {
    const device = await connect('d4');
    await device.publishAsync('stream/k', '{"value":7,"more":true}', { qos: 1 });
    const kinesis = new KinesisClient(fixture.client);
    const StreamName = 'readings';
    const { ShardIterator } = await kinesis.send(
      new GetShardIteratorCommand({
        StreamName,
        ShardId: 'shardId-000000000000',
        ShardIteratorType: 'TRIM_HORIZON',
      }),
    );
    const { Records } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
    kinesis.destroy();
    expect(Records).toHaveLength(1);
    expect(Records?.[0]?.PartitionKey).toBe('k-7');
    expect(Buffer.from(Records?.[0]?.Data ?? []).toString()).toBe('{"value":7}');
  });

  it('republish', async () => {
    const messages = await listen('changed/#');
    const device = await connect('d5');
    await device.publishAsync('again/x', '{"n":1}', { qos: 1 });
    await expect.poll(() => messages).toEqual([{ topic: 'changed/x', text: '{"n":2}' }]);
  });
});

describe('the error action', () => {
  it('gets one message per rule and message, whatever failed', async () => {
    const device = await connect('d6');
    await device.publishAsync('failing/x', '{"a":1}', { qos: 1 });
    expect(await receive('results')).toEqual(['{"a":1}']);
    const errors = await receive('errors');
    expect(errors).toHaveLength(1);
    const record = JSON.parse(errors[0] ?? '');
    expect(record).toEqual({
      ruleName: 'failing',
      topic: 'failing/x',
      cloudwatchTraceId: expect.any(String),
      clientId: 'd6',
      base64OriginalPayload: Buffer.from('{"a":1}').toString('base64'),
      failures: expect.any(Array),
    });
    expect(
      record.failures.map((one: Record<string, string>) => [one.failedAction, one.failedResource]),
    ).toEqual(
      expect.arrayContaining([
        ['SqsAction', queueUrl('no-such-queue')],
        ['KinesisAction', 'no-such-stream'],
      ]),
    );
  });

  it('ends rules that republish in a circle', async () => {
    const device = await connect('d7');
    await device.publishAsync('circle/a', '{"n":0}', { qos: 1 });
    const errors = await receive('errors');
    expect(errors.map((text) => JSON.parse(text).failures[0].errorMessage)).toEqual([
      expect.stringContaining('rules in a circle'),
    ]);
  });
});

it('leaves a rule out whose SQL is not understood, and says so', () => {
  expect(fixture.lines.join('\n')).toContain('rule broken of millrace-sample does not run');
});

describe('presence', () => {
  it('tells of connecting and of the reason of disconnecting, in order by versionNumber', async () => {
    const device = await connect('p1');
    await device.endAsync();
    const again = await connect('p1');
    again.stream.destroy();
    const events = () =>
      (eventsOf('presence') as Record<string, unknown>[]).filter((one) => one.clientId === 'p1');
    await expect.poll(() => events().length).toBe(4);
    const byTime = events().sort((a, b) => Number(a.versionNumber) - Number(b.versionNumber));
    const [first, gone, second, lost] = byTime.map((one) => ({ ...one }));
    expect(first).toEqual({
      clientId: 'p1',
      timestamp: expect.any(Number),
      eventType: 'connected',
      sessionIdentifier: expect.any(String),
      principalIdentifier: 'local',
      ipAddress: '127.0.0.1',
      versionNumber: 0,
    });
    expect(gone).toEqual({
      clientId: 'p1',
      timestamp: expect.any(Number),
      eventType: 'disconnected',
      sessionIdentifier: first?.sessionIdentifier,
      principalIdentifier: 'local',
      clientInitiatedDisconnect: true,
      disconnectReason: 'CLIENT_INITIATED_DISCONNECT',
      versionNumber: 0,
    });
    expect(second).toMatchObject({ eventType: 'connected', versionNumber: 1 });
    expect(lost).toMatchObject({
      eventType: 'disconnected',
      clientInitiatedDisconnect: false,
      disconnectReason: 'CONNECTION_LOST',
      versionNumber: 1,
    });
  });

  it('tells the former client of a duplicate id that it was replaced', async () => {
    await connect('p2');
    await connect('p2');
    const reasons = () =>
      (eventsOf('presence') as Record<string, unknown>[])
        .filter((one) => one.clientId === 'p2' && one.eventType === 'disconnected')
        .map((one) => one.disconnectReason);
    await expect.poll(reasons).toEqual(['DUPLICATE_CLIENTID']);
  });
});

describe('limits', () => {
  it.each([
    ['a topic of more than seven slashes', '1/2/3/4/5/6/7/8/9', 'x'],
    ['a topic of more than 256 bytes', 'x'.repeat(257), 'x'],
    ['a payload of more than 128 KB', 'large', 'x'.repeat(128 * 1024 + 1)],
    ['a reserved topic', '$aws/events/presence/connected/forged', '{}'],
  ])('%s ends the connection, and nothing is delivered', async (_, topic, payload) => {
    const messages = await listen('#');
    const device = await connect('limits');
    const closed = new Promise<void>((resolve) => device.once('close', () => resolve()));
    device.publish(topic, payload, { qos: 1 });
    await closed;
    expect(messages).toEqual([]);
    const iot = new IoTDataPlaneClient({ ...fixture.client, maxAttempts: 1 });
    await expect(
      iot.send(new PublishCommand({ topic, payload: Buffer.from(payload) })),
    ).rejects.toMatchObject({
      name: expect.stringMatching(/InvalidRequest|RequestEntityTooLarge/),
    });
  });

  it('lets the largest message of all through', async () => {
    const messages = await listen('1/#');
    const device = await connect('largest');
    const payload = 'x'.repeat(128 * 1024);
    await device.publishAsync('1/2/3/4/5/6/7/8', payload, { qos: 1 });
    await expect.poll(() => messages.map(({ text }) => text === payload)).toEqual([true]);
  });
});
