import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { eventually, testStack } from '@millrace/local-cloud/testing';
import { topics } from '@millrace/types';
import mqtt from 'mqtt';
import { expect, it } from 'vitest';
import { callerWith } from '../support/http-client.ts';
import { usersOf } from '../support/users.ts';

const stack = testStack('stream-analytics', 'iot-ingest', 'api');
const users = usersOf(stack);

interface Report {
  readonly waiting: number;
  readonly seen: number;
  readonly accepted: number;
  readonly failed: number;
  readonly rows: readonly { readonly function: string; readonly reason: string }[];
}

/** `npx millrace dead-letters redrive --function ingestReading --json …` */
async function redrive(kind: string, ...args: string[]): Promise<{ code: number; report: Report }> {
  const program = join(import.meta.dirname, '../../../../packages/operations/src/main.ts');
  const env = { ...process.env, NO_COLOR: '1', MILLRACE_EDGE_PORT: new URL(stack.edgeUrl).port };
  const which = ['--function', 'ingestReading', '--kind', kind];
  const command = ['dead-letters', 'redrive', ...which, '--json', ...args];
  const child = spawn(process.execPath, [program, ...command], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  const [code] = await once(child, 'close');
  return { code, report: JSON.parse(out) };
}

const put = async (path: string, body: unknown) => {
  const target = `${stack.edgeUrl}/_millrace/${path}`;
  const answer = await fetch(target, { method: 'PUT', body: JSON.stringify(body) });
  expect(answer.ok).toBe(true);
};
const advance = (advanceMs: number) =>
  fetch(`${stack.edgeUrl}/_millrace/clock`, {
    method: 'POST',
    body: JSON.stringify({ advanceMs }),
  });

/** A rule of the same name and selection whose action always fails, so that its error action acts. */
const brokenRule = () => ({
  ...{ service: 'millrace-broken', stage: 'local', region: 'us-east-1', accountId: '000000000000' },
  ...{ functions: [] },
  template: {
    Outputs: {},
    Resources: {
      Rule: {
        Type: 'AWS::IoT::TopicRule',
        Properties: {
          RuleName: 'millrace_local_telemetry',
          TopicRulePayload: {
            Sql: "SELECT * FROM 'devices/+/telemetry'",
            Actions: [{ Kinesis: { StreamName: 'not-there', PartitionKey: 'a' } }],
            ErrorAction: {
              Sqs: {
                QueueUrl: `${stack.edgeUrl}/000000000000/millrace-local-iot-ingest-rule-errors`,
              },
            },
          },
        },
      },
    },
  },
});

it('readings that nobody could take in are counted once when they are redriven, however often', async () => {
  const acme = callerWith(stack.apiUrl, (await users.signIn('jane@example.com', 'acme')).idToken);
  await acme('POST', '/v1/devices', { body: { deviceId: 'meter-1' } });
  await put('services/millrace-broken', brokenRule());
  await put('faults', { seed: 1, invocations: [{ function: '*-ingestReading', error: 1 }] });

  const device = await mqtt.connectAsync(stack.mqttUrl, { clientId: 'meter-1' });
  const time = (second: number) => new Date(Date.now() - second * 1000).toISOString();
  for (let n = 0; n < 12; n += 1) {
    const reading = { time: time(n), metrics: { rpm: n }, usage: { grain_kg: 0.5 } };
    await device.publishAsync(topics.telemetry('meter-1'), JSON.stringify(reading), { qos: 1 });
  }
  await device.endAsync();

  // The rule's error action has them, and after its retries the function's destination as well.
  expect((await redrive('rule-error')).report).toMatchObject({ waiting: 12 });
  const still = await redrive('rule-error', '--yes');
  expect([still.code, still.report.accepted, still.report.failed]).toEqual([1, 0, 5]);
  const failures = await eventually(
    async () => {
      await advance(180_000);
      return (await redrive('invocation')).report;
    },
    ({ waiting }) => waiting === 12,
    { timeoutMs: 120_000 },
  );
  expect(failures.rows).toMatchObject([{ function: 'ingestReading', entries: 12 }]);
  await fetch(`${stack.edgeUrl}/_millrace/faults`, { method: 'DELETE' });

  const first = await redrive('rule-error', '--yes', '--rate', '1000');
  expect([first.code, first.report.accepted]).toEqual([0, 12]);
  const second = await redrive('invocation', '--yes', '--rate', '1000');
  expect([second.code, second.report.accepted]).toEqual([0, 12]);
  expect((await redrive('rule-error', '--yes')).report).toMatchObject({ seen: 0 });

  const month = time(0).slice(0, 7);
  const usage = await eventually(
    () => acme('GET', `/v1/devices/meter-1/usage?month=${month}`),
    (answer) => answer.status === 200 && answer.at('meters', 'grain_kg', 'readings') === 12,
    { timeoutMs: 120_000 },
  );
  expect(usage.at('meters', 'grain_kg')).toEqual({ quantity: 6, readings: 12 });
  // What follows behind them is counted, too: so nothing of theirs is still on its way.
  const later = await mqtt.connectAsync(stack.mqttUrl, { clientId: 'meter-1' });
  const last = { time: time(30), metrics: { rpm: 1 }, usage: { grain_kg: 1 } };
  await later.publishAsync(topics.telemetry('meter-1'), JSON.stringify(last), { qos: 1 });
  await later.endAsync();
  const all = await eventually(
    () => acme('GET', `/v1/devices/meter-1/usage?month=${month}`),
    (answer) => answer.at('meters', 'grain_kg', 'readings') !== 12,
    { timeoutMs: 120_000 },
  );
  expect(all.at('meters', 'grain_kg')).toEqual({ quantity: 7, readings: 13 });
}, 300_000);
