import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { lambdaContext } from '@millrace/middleware/testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startQueues } from '../../../../packages/local-cloud/src/engines/queues.ts';
import { openState } from '../../../../packages/local-cloud/src/state.ts';
import { identifyAll } from '../../src/domain/engine/identity.ts';
import { runPipeline } from '../../src/domain/engine/run-pipeline.ts';
import { SeenEvents } from '../../src/domain/engine/seen-events.ts';
import { telemetry } from '../../src/pipelines/telemetry/pipeline.ts';
import { unpaced } from '../model/deliver.ts';
import { reading } from '../pipelines/telemetry/readings.ts';
import { freshAnalyticsStore, startTestDynamoDb, type TestDynamoDb } from '../support/dynamodb.ts';

const credentials = { accessKeyId: 'millrace', secretAccessKey: 'millrace' };
const dir = mkdtempSync(join(tmpdir(), 'millrace-alerts-'));
const state = openState(dir);
let queues: Awaited<ReturnType<typeof startQueues>>;
let dynamoDb: TestDynamoDb;
let server: Server;
let url: string;

beforeAll(async () => {
  dynamoDb = await startTestDynamoDb();
  server = createServer((request, response) => queues.handle(request, response)).listen(0);
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const more = { region: 'us-east-1', accountId: '000000000000' };
  queues = await startQueues({ state, edgeUrl: url, ...more });
  const dynamo = await dynamoDb.client.config.endpoint?.();
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', `http://${dynamo?.hostname}:${dynamo?.port}`);
  vi.stubEnv('AWS_ENDPOINT_URL_SNS', url);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'millrace');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'millrace');
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await dynamoDb.close();
  await queues.close();
  server.close();
  state.close();
  rmSync(dir, { recursive: true, force: true });
});

/** One call of SQS' JSON protocol. */
async function sqs(action: string, body: object): Promise<Record<string, unknown>> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `AmazonSQS.${action}`,
    },
    body: JSON.stringify(body),
  });
  return (await answer.json()) as Record<string, unknown>;
}

test('watchDevices tells the topic of a silent device, for subscribers to filter by', async () => {
  const sns = new SNSClient({ endpoint: url, region: 'us-east-1', credentials });
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'alerts' }));
  const { QueueUrl } = await sqs('CreateQueue', { QueueName: 'subscriber' });
  await sns.send(
    new SubscribeCommand({
      TopicArn,
      Protocol: 'sqs',
      Endpoint: 'arn:aws:sqs:us-east-1:000000000000:subscriber',
    }),
  );
  const store = await freshAnalyticsStore(dynamoDb);
  vi.stubEnv('STATES_TABLE', store.statesTable);
  vi.stubEnv('ALERTS_TOPIC_ARN', TopicArn);
  const seen = new SeenEvents(store);
  const run = { pipeline: telemetry, store, seen, pacing: unpaced, writer: '0' };
  await runPipeline(identifyAll([reading('1', { time: '2026-11-23T09:00:00Z' })]), run);

  const { handler } = await import('../../src/handlers/watch-devices.ts');
  for (let nth = 0; nth < 2; nth += 1) await handler({}, lambdaContext('watch'));

  const { Messages = [] } = (await sqs('ReceiveMessage', {
    QueueUrl,
    MaxNumberOfMessages: 10,
  })) as { Messages?: { Body: string }[] };
  const bodies = Messages.map(({ Body }) => JSON.parse(Body));
  expect(bodies).toHaveLength(1);
  const alert = JSON.parse(bodies[0].Message);
  expect(alert).toMatchObject({
    type: 'device_offline',
    tenant: 'acme',
    deviceId: 'd1',
    since: '2026-11-23T09:00:00.000Z',
  });
  expect(bodies[0].MessageAttributes).toMatchObject({
    id: { Type: 'String', Value: alert.id },
    type: { Type: 'String', Value: 'device_offline' },
    deviceId: { Type: 'String', Value: 'd1' },
  });
  sns.destroy();
});
