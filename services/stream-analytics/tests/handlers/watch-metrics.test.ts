import { lambdaContext } from '@millrace/middleware/testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ALERT_RULES } from '../../src/pipelines/alerts/alert-rules.ts';
import { count, watchedInDynamoDb } from '../pipelines/alerts/watching-metrics.ts';
import { startAlertsTopic } from '../support/alerts-topic.ts';
import { startTestDynamoDb, type TestDynamoDb } from '../support/dynamodb.ts';

let dynamoDb: TestDynamoDb;
let topic: Awaited<ReturnType<typeof startAlertsTopic>>;
beforeAll(async () => {
  dynamoDb = await startTestDynamoDb();
  topic = await startAlertsTopic(dynamoDb);
});
afterAll(async () => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  await topic.close();
  await dynamoDb.close();
});

const runAt = async (time: string) => {
  vi.setSystemTime(`2026-11-23T${time}Z`);
  const { handler } = await import('../../src/handlers/watch-metrics.ts');
  await handler({}, lambdaContext('watch'));
};

test('watchMetrics tells the topic of many errors, once, for subscribers to filter by', async () => {
  const { analytics, statesTable, metricsTable } = await watchedInDynamoDb(dynamoDb, ALERT_RULES);
  vi.stubEnv('STATES_TABLE', statesTable);
  vi.stubEnv('METRICS_TABLE', metricsTable);
  vi.useFakeTimers({ toFake: ['Date'] });
  await runAt('09:00:00');
  for (const minute of ['09:01', '09:02', '09:03']) {
    const by = { service: 'checkout', level: 'error' };
    const time = `2026-11-23T${minute}:30Z`;
    await count(analytics, { metric: 'log', time, by, times: 30 });
  }
  for (const time of ['09:05:00', '09:06:00', '09:07:00']) await runAt(time);

  const received = await topic.received();
  expect(received).toHaveLength(1);
  const alert = JSON.parse(received[0]?.Message ?? '');
  expect(alert).toMatchObject({
    type: 'metric_firing',
    rule: 'log-errors',
    tenant: 'acme',
    group: { service: 'checkout' },
    since: '2026-11-23T09:01:00Z',
    start: '2026-11-23T09:03:00Z',
    value: 30,
  });
  expect(received[0]?.MessageAttributes).toMatchObject({
    id: { Type: 'String', Value: alert.id },
    type: { Type: 'String', Value: 'metric_firing' },
    tenant: { Type: 'String', Value: 'acme' },
    rule: { Type: 'String', Value: 'log-errors' },
    severity: { Type: 'String', Value: 'critical' },
  });
});
