import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startCloud } from '../../src/cloud.ts';
import { startCloudProcess } from '../edge/cloud-process.ts';
import { type LambdaServer, startLambdaServer } from '../edge/lambda-server.ts';
import { registration, runService } from '../edge/service-fixture.ts';

let stateDir: string;
let functions: LambdaServer;
beforeEach(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'millrace-broker-'));
  functions = await startLambdaServer();
});
afterEach(() => {
  functions.close();
  rmSync(stateDir, { recursive: true, force: true });
});

const declared = registration(
  { take: {} },
  {
    Rule: {
      Type: 'AWS::IoT::TopicRule',
      Properties: {
        RuleName: 'take',
        TopicRulePayload: {
          Sql: "SELECT * FROM 'up/#'",
          Actions: [
            {
              Lambda: {
                FunctionArn:
                  'arn:aws:lambda:us-east-1:000000000000:function:millrace-sample-local-take',
              },
            },
          ],
        },
      },
    },
    Presence: {
      Type: 'AWS::IoT::TopicRule',
      Properties: {
        RuleName: 'presence',
        TopicRulePayload: {
          Sql: "SELECT eventType, disconnectReason FROM '$aws/events/presence/#'",
          Actions: [
            {
              Lambda: {
                FunctionArn:
                  'arn:aws:lambda:us-east-1:000000000000:function:millrace-sample-local-take',
              },
            },
          ],
        },
      },
    },
  },
);

it('delivers every acknowledged message although the cloud is killed, and tells who was lost', async () => {
  const first = await startCloudProcess(stateDir);
  // Nobody runs the functions yet: all that is acknowledged has to wait in the queue.
  const base = `${first.edgeUrl}/_millrace/services/millrace-sample`;
  await fetch(base, { method: 'PUT', body: JSON.stringify(declared) });
  const device = await mqtt.connectAsync(first.mqttUrl, { clientId: 'd', reconnectPeriod: 0 });
  device.on('error', () => {});
  const acknowledged: number[] = [];
  for (let n = 0; n < 200; n++) {
    device.publish(`up/${n}`, JSON.stringify({ n }), { qos: 1 }, (error) => {
      if (!error) acknowledged.push(n);
    });
  }
  await expect.poll(() => acknowledged.length).toBeGreaterThan(20);
  await first.end('SIGKILL');
  await device.endAsync(true);

  const second = await startCloudProcess(stateDir);
  await runService(second.edgeUrl, declared, functions.url);
  const received = () => functions.received.map(({ event }) => event);
  for (const n of acknowledged) {
    await expect.poll(received, { timeout: 5_000 }).toContainEqual({ n });
  }
  await expect
    .poll(received)
    .toContainEqual({ eventType: 'disconnected', disconnectReason: 'CONNECTION_LOST' });
  await second.end('SIGTERM');
});

it('keeps retained messages over a restart, and forgets the cleared ones', async () => {
  const options = { stateDir, edgePort: 0, mqttPort: 0 };
  const first = await startCloud(options);
  const writer = await mqtt.connectAsync(first.mqttUrl);
  await writer.publishAsync('config/a', 'kept', { qos: 1, retain: true });
  await writer.publishAsync('config/b', 'cleared', { qos: 1, retain: true });
  await writer.publishAsync('config/b', '', { qos: 1, retain: true });
  await writer.endAsync();
  await first.close();

  const second = await startCloud(options);
  const reader = await mqtt.connectAsync(second.mqttUrl);
  const messages: string[] = [];
  reader.on('message', (topic, payload) => messages.push(`${topic} ${payload.toString()}`));
  await reader.subscribeAsync('config/#', { qos: 1 });
  await expect.poll(() => messages).toEqual(['config/a kept']);
  await reader.endAsync();
  await second.close();
});
