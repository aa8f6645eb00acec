import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEngineCalls } from '../../src/resources/aws-json.ts';
import type { Stack } from '../../src/stack/index.ts';
import { eventually, recorded, startFixture, temporaryState } from './fixture-stack.ts';

/** Each write of the function takes 200 ms, so ten take two seconds; it is killed within the first. */
const plan = `
seed: 3
invocations:
  - {function: '*-record', kill: 1, strikeAfterMs: [900, 900]}
api:
  - {service: dynamodb, operation: PutItem, latencyMs: [200, 200]}
clock: {skewMs: [-120000, -60000]}
`;

const state = temporaryState();
let stack: Stack;

beforeAll(async () => {
  const faults = join(state.folder, 'faults.yml');
  writeFileSync(faults, plan);
  stack = await startFixture({ stateDir: join(state.folder, 'state'), faults });
});
afterAll(async () => {
  await stack?.stop();
  state.remove();
});

const cloud = async (method: string, path: string, body?: object) => {
  const answer = await fetch(`${stack.edgeUrl}/_millrace/${path}`, {
    method,
    ...(body && { body: JSON.stringify(body) }),
  });
  return (await answer.json()) as { injected?: Record<string, number> };
};

it('a function that is killed under sls offline stops where it is, and comes again', async () => {
  expect(stack.faults).toMatchObject({ seed: 3 });
  const engines = createEngineCalls(stack.edgeUrl, 'us-east-1');
  const stored = async () => {
    const TableName = 'millrace-local-sampler-results';
    const { Items } = await engines.call('DynamoDB_20120810.Scan', { TableName });
    return (Items as { id: { S: string } }[]).filter(({ id }) => id.S.startsWith('aws:sqs')).length;
  };
  await engines.call('AmazonSQS.SendMessageBatch', {
    QueueUrl: `${stack.edgeUrl}/000000000000/millrace-local-sampler-inbox`,
    Entries: Array.from({ length: 10 }, (_, index) => ({
      Id: String(index),
      MessageBody: `message-${index}`,
    })),
  });
  const kills = async () => (await cloud('GET', 'faults')).injected?.['invocations.kill'] ?? 0;
  await eventually(async () => (await kills()) > 0, 30_000);
  // What it had asked for is done by now; a handler that went on would write the rest.
  await sleep(400);
  const done = await stored();
  expect(done).toBeLessThan(8);
  await sleep(2_500);
  expect(await stored()).toBe(done);

  await cloud('DELETE', 'faults');
  await cloud('POST', 'clock', { advanceMs: 60_000 });
  for (let index = 0; index < 10; index += 1) {
    expect(await recorded(stack, `aws:sqs:message-${index}`)).toMatchObject({
      body: `message-${index}`,
    });
  }
});
