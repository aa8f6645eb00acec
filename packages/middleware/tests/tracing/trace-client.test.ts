import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { DynamoDBClient, ListTablesCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { traceClient, traceParent } from '../../src/index.ts';
import { startTestDynamoDb } from '../support/dynamodb.ts';

let engine: Awaited<ReturnType<typeof startTestDynamoDb>>;
const daemon = createSocket('udp4');

beforeAll(async () => {
  engine = await startTestDynamoDb();
  traceClient(engine.client);
  daemon.bind(0, '127.0.0.1');
  await once(daemon, 'listening');
});
afterEach(() => {
  vi.unstubAllEnvs();
});
afterAll(async () => {
  daemon.close();
  await engine?.close();
});

const header = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
function sample(trace: string) {
  vi.stubEnv('AWS_XRAY_DAEMON_ADDRESS', `127.0.0.1:${daemon.address().port}`);
  vi.stubEnv('_X_AMZN_TRACE_ID', trace);
}

async function nextSubsegment(): Promise<unknown> {
  const [datagram] = await once(daemon, 'message');
  const [head, document] = String(datagram).split('\n');
  expect(head).toBe('{"format":"json","version":1}');
  return JSON.parse(document ?? '');
}

test('a call of a sampled invocation becomes a subsegment of its trace', async () => {
  sample(header);
  const subsegment = nextSubsegment();
  await engine.client.send(new ListTablesCommand({}));
  expect(await subsegment).toMatchObject({
    type: 'subsegment',
    trace_id: '1-5759e988-bd862e3fe1be46a994272793',
    parent_id: '53995c3f42cd8ad8',
    id: expect.stringMatching(/^[0-9a-f]{16}$/),
    name: 'DynamoDB',
    namespace: 'aws',
    aws: { operation: 'ListTables', retries: 0 },
    http: { response: { status: 200 } },
  });
});

test('a call that failed is marked, and its error goes on to the caller', async () => {
  sample(header);
  const subsegment = nextSubsegment();
  await expect(
    engine.client.send(
      new PutItemCommand({ TableName: 'no-such-table', Item: { pk: { S: 'x' } } }),
    ),
  ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  expect(await subsegment).toMatchObject({
    aws: { operation: 'PutItem' },
    error: true,
    http: { response: { status: 400 } },
  });
});

test('nothing is sent for an invocation that is not sampled', async () => {
  sample(header.replace('Sampled=1', 'Sampled=0'));
  let received = 0;
  daemon.on('message', () => received++);
  await engine.client.send(new ListTablesCommand({}));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(received).toBe(0);
});

test.each([
  ['no X-Ray daemon', { _X_AMZN_TRACE_ID: header }],
  ['no trace', { AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:2000' }],
  ['an odd header', { AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:2000', _X_AMZN_TRACE_ID: 'Sampled=1' }],
])('there is no trace with %s', (_case, env) => {
  expect(traceParent(env)).toBeUndefined();
});

test('a client is returned as what it is', () => {
  const client = traceClient(new DynamoDBClient({ region: 'us-east-1' }));
  expect(client).toBeInstanceOf(DynamoDBClient);
});
