import { lambdaContext } from '@millrace/middleware/testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { identifyAll } from '../../src/domain/engine/identity.ts';
import { runPipeline } from '../../src/domain/engine/run-pipeline.ts';
import { SeenEvents } from '../../src/domain/engine/seen-events.ts';
import { telemetry } from '../../src/pipelines/telemetry/pipeline.ts';
import { unpaced } from '../model/deliver.ts';
import { reading } from '../pipelines/telemetry/readings.ts';
import { startAlertsTopic } from '../support/alerts-topic.ts';
import { freshAnalyticsStore, startTestDynamoDb, type TestDynamoDb } from '../support/dynamodb.ts';

let dynamoDb: TestDynamoDb;
let topic: Awaited<ReturnType<typeof startAlertsTopic>>;
beforeAll(async () => {
  dynamoDb = await startTestDynamoDb();
  topic = await startAlertsTopic(dynamoDb);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await topic.close();
  await dynamoDb.close();
});

test('watchDevices tells the topic of a silent device, for subscribers to filter by', async () => {
  const store = await freshAnalyticsStore(dynamoDb);
  vi.stubEnv('STATES_TABLE', store.statesTable);
  const seen = new SeenEvents(store);
  const run = { pipeline: telemetry, store, seen, pacing: unpaced, writer: '0' };
  await runPipeline(identifyAll([reading('1', { time: '2026-11-23T09:00:00Z' })]), run);

  const { handler } = await import('../../src/handlers/watch-devices.ts');
  for (let nth = 0; nth < 2; nth += 1) await handler({}, lambdaContext('watch'));

  const received = await topic.received();
  expect(received).toHaveLength(1);
  const alert = JSON.parse(received[0]?.Message ?? '');
  expect(alert).toMatchObject({
    type: 'device_offline',
    tenant: 'acme',
    deviceId: 'd1',
    since: '2026-11-23T09:00:00.000Z',
  });
  expect(received[0]?.MessageAttributes).toMatchObject({
    id: { Type: 'String', Value: alert.id },
    type: { Type: 'String', Value: 'device_offline' },
    deviceId: { Type: 'String', Value: 'd1' },
  });
});
