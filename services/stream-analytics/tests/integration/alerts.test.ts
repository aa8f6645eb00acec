import { DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { eventually, testStack } from '@millrace/local-cloud/testing';
import type { MetricAlert } from '@millrace/types';
import { expect, test } from 'vitest';
import { callSqs, notificationsIn } from '../support/alerts-topic.ts';

const stack = testStack('stream-analytics');
const kinesis = stack.client(KinesisClient);
const dynamoDb = stack.client(DynamoDBClient);
const sns = stack.client(SNSClient);

const MINUTE = 60_000;
const ACCOUNT = 'us-east-1:000000000000';

/** Moves the clock of the schedules; functions keep the machine's. */
async function passMinute(): Promise<void> {
  const url = `${stack.edgeUrl}/_millrace/clock`;
  await fetch(url, { method: 'POST', body: `{"advanceMs":${MINUTE}}` });
}

/** A queue that hears all that the topic `alerts` is told. */
async function subscribe(): Promise<() => Promise<MetricAlert[]>> {
  const { QueueUrl } = await callSqs<{ QueueUrl: string }>(stack.edgeUrl, 'CreateQueue', {
    QueueName: 'hears-alerts',
  });
  await sns.send(
    new SubscribeCommand({
      TopicArn: `arn:aws:sns:${ACCOUNT}:millrace-local-alerts`,
      Protocol: 'sqs',
      Endpoint: `arn:aws:sqs:${ACCOUNT}:hears-alerts`,
    }),
  );
  // Whoever is told at least once drops an id that is known.
  const heard = new Map<string, MetricAlert>();
  return async () => {
    for (const { Message } of await notificationsIn(stack.edgeUrl, QueueUrl)) {
      const alert = JSON.parse(Message) as MetricAlert;
      heard.set(alert.id, alert);
    }
    return [...heard.values()];
  };
}

/** The rule has judged nothing since, as after an outage of its function. */
async function standStillSince(rule: string, start: string): Promise<void> {
  await dynamoDb.send(
    new PutItemCommand({
      TableName: 'millrace-local-states',
      Item: {
        pk: { S: '*#rules' },
        sk: { S: rule },
        state: { S: JSON.stringify({ through: start }) },
        version: { N: '1000' },
      },
    }),
  );
}

async function countedErrors(tenant: string): Promise<number> {
  const { Items = [] } = await dynamoDb.send(
    new QueryCommand({
      TableName: 'millrace-local-metrics',
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: `${tenant}#log` } },
      ConsistentRead: true,
    }),
  );
  return Items.reduce((sum, { count }) => sum + Number(count?.N), 0);
}

test('errors in the stream reach whoever is subscribed to the alerts, at their beginning and their end', async () => {
  const heard = await subscribe();
  const first = Math.floor(Date.now() / MINUTE) * MINUTE - 20 * MINUTE;
  const start = (minute: number) =>
    `${new Date(first + minute * MINUTE).toISOString().slice(0, 19)}Z`;
  const Records = Array.from({ length: 120 }, (_, nth) => ({
    PartitionKey: `${nth}`,
    Data: Buffer.from(
      JSON.stringify({
        specversion: '1.0',
        id: `e${nth}`,
        source: '/checkout',
        type: 'millrace.log.v1',
        time: start(nth % 3),
        tenant: 'acme',
        data: { service: 'checkout', level: 'error', message: 'card declined' },
      }),
    ),
  }));
  await kinesis.send(new PutRecordsCommand({ StreamName: 'millrace-local-events', Records }));
  await eventually(
    () => countedErrors('acme'),
    (errors) => errors === 120,
    { timeoutMs: 60_000 },
  );

  await standStillSince('log-errors', start(-2));
  const alerts = await eventually(
    async () => {
      await passMinute();
      return await heard();
    },
    (some) => some.length >= 2,
    { timeoutMs: 90_000, everyMs: 1_000 },
  );
  const [firing, resolved] = alerts.toSorted((a, b) => (a.start < b.start ? -1 : 1));
  expect(firing).toMatchObject({
    type: 'metric_firing',
    rule: 'log-errors',
    tenant: 'acme',
    group: { service: 'checkout' },
    since: start(0),
    start: start(2),
    value: 40,
  });
  expect(resolved).toMatchObject({
    type: 'metric_resolved',
    incident: firing?.incident,
    start: start(7),
    value: 0,
  });
}, 240_000);
