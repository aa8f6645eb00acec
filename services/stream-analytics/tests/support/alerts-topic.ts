import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { vi } from 'vitest';
import { startQueues } from '../../../../packages/local-cloud/src/engines/queues.ts';
import { openState } from '../../../../packages/local-cloud/src/state.ts';
import type { TestDynamoDb } from './dynamodb.ts';

export interface Notification {
  /** JSON. */
  readonly Message: string;
  readonly MessageAttributes: Readonly<Record<string, { Type: string; Value: string }>>;
}

/** One call of SQS' JSON protocol. */
export async function callSqs<T>(url: string, action: string, body: object): Promise<T> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `AmazonSQS.${action}`,
    },
    body: JSON.stringify(body),
  });
  return (await answer.json()) as T;
}

/** What waits in a queue that a topic is subscribed to. */
export async function notificationsIn(url: string, QueueUrl: string): Promise<Notification[]> {
  const { Messages = [] } = await callSqs<{ Messages?: { Body: string }[] }>(
    url,
    'ReceiveMessage',
    { QueueUrl, MaxNumberOfMessages: 10 },
  );
  return Messages.map(({ Body }) => JSON.parse(Body) as Notification);
}

/**
 * A topic with a queue that is subscribed to it, and an environment in which a handler finds both it and
 * the tables: `vi.unstubAllEnvs` takes it back.
 */
export async function startAlertsTopic(dynamoDb: TestDynamoDb) {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-alerts-'));
  const state = openState(dir);
  let queues: Awaited<ReturnType<typeof startQueues>> | undefined;
  const server = createServer((request, response) => queues?.handle(request, response)).listen(0);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const more = { region: 'us-east-1', accountId: '000000000000' };
  queues = await startQueues({ state, edgeUrl: url, ...more });
  const dynamo = await dynamoDb.client.config.endpoint?.();
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', `http://${dynamo?.hostname}:${dynamo?.port}`);
  vi.stubEnv('AWS_ENDPOINT_URL_SNS', url);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'millrace');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'millrace');
  const credentials = { accessKeyId: 'millrace', secretAccessKey: 'millrace' };
  const sns = new SNSClient({ endpoint: url, region: 'us-east-1', credentials });
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'alerts' }));
  vi.stubEnv('ALERTS_TOPIC_ARN', TopicArn);
  const { QueueUrl } = await callSqs<{ QueueUrl: string }>(url, 'CreateQueue', {
    QueueName: 'subscriber',
  });
  const Endpoint = 'arn:aws:sqs:us-east-1:000000000000:subscriber';
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint }));
  return {
    received: () => notificationsIn(url, QueueUrl),
    async close() {
      sns.destroy();
      await queues?.close();
      server.close();
      state.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
