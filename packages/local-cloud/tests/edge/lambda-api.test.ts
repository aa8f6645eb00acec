import {
  GetFunctionCommand,
  InvokeCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  ListFunctionsCommand,
} from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CloudFixture, startCloudFixture } from './cloud-fixture.ts';
import { type LambdaServer, startLambdaServer } from './lambda-server.ts';
import { put, registration, runService } from './service-fixture.ts';

const name = (key: string) => `millrace-sample-local-${key}`;

let fixture: CloudFixture;
let functions: LambdaServer;
let lambda: LambdaClient;
let release: () => void = () => {};

beforeAll(async () => {
  fixture = await startCloudFixture();
  functions = await startLambdaServer((called, event) => {
    if (called === name('fails')) throw new TypeError('no such thing');
    if (called === name('slow')) {
      return new Promise((resolve) => {
        release = () => resolve('done');
      });
    }
    return { echo: event };
  });
  const declared = registration({ echo: {}, fails: {}, slow: { reservedConcurrency: 1 } });
  await runService(fixture.cloud.edgeUrl, declared, functions.url);
  lambda = new LambdaClient({ ...fixture.client, maxAttempts: 1 });
});
afterAll(async () => {
  await fixture.stop();
  functions.close();
});

const invoke = (key: string, payload?: unknown, type?: 'Event' | 'DryRun') =>
  lambda.send(
    new InvokeCommand({
      FunctionName: name(key),
      ...(payload !== undefined && { Payload: Buffer.from(JSON.stringify(payload)) }),
      ...(type && { InvocationType: type }),
    }),
  );
const decoded = (payload: Uint8Array | undefined) =>
  JSON.parse(Buffer.from(payload ?? []).toString());

it('invokes and answers with what the function returned', async () => {
  const answer = await invoke('echo', { text: '한글' });
  expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
  expect(answer.FunctionError).toBeUndefined();
  expect(decoded(answer.Payload)).toEqual({ echo: { text: '한글' } });
});

it('takes a missing payload for an empty object', async () => {
  expect(decoded((await invoke('echo')).Payload)).toEqual({ echo: {} });
});

it('takes a function by its ARN', async () => {
  const FunctionName = `arn:aws:lambda:us-east-1:000000000000:function:${name('echo')}:$LATEST`;
  expect((await lambda.send(new InvokeCommand({ FunctionName }))).StatusCode).toBe(200);
});

it('marks an error of the function', async () => {
  const answer = await invoke('fails', {});
  expect(answer).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
  expect(decoded(answer.Payload)).toMatchObject({
    errorType: 'TypeError',
    errorMessage: 'no such thing',
  });
});

it('queues an event and delivers it', async () => {
  expect((await invoke('echo', { later: true }, 'Event')).StatusCode).toBe(202);
  await expect
    .poll(() => functions.received)
    .toContainEqual({
      name: name('echo'),
      event: { later: true },
    });
});

it('runs nothing on a dry run', async () => {
  const before = functions.received.length;
  expect((await invoke('echo', {}, 'DryRun')).StatusCode).toBe(204);
  expect(functions.received).toHaveLength(before);
});

it('throttles beyond the reserved concurrency', async () => {
  const first = invoke('slow', {});
  await expect.poll(() => functions.received.at(-1)?.name).toBe(name('slow'));
  await expect(invoke('slow', {})).rejects.toMatchObject({
    name: 'TooManyRequestsException',
    $metadata: { httpStatusCode: 429 },
  });
  release();
  expect(decoded((await first).Payload)).toBe('done');
});

it('knows no other function', async () => {
  await expect(invoke('missing', {})).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    $metadata: { httpStatusCode: 404 },
  });
});

it('refuses what is not JSON, and what is too large', async () => {
  const broken = new InvokeCommand({ FunctionName: name('echo'), Payload: Buffer.from('{') });
  await expect(lambda.send(broken)).rejects.toMatchObject({
    name: 'InvalidRequestContentException',
  });
  const large = { text: 'x'.repeat(1024 * 1024) };
  await expect(invoke('echo', large, 'Event')).rejects.toMatchObject({
    name: 'RequestTooLargeException',
    $metadata: { httpStatusCode: 413 },
  });
});

it('lists functions and mappings', async () => {
  const { Functions } = await lambda.send(new ListFunctionsCommand({}));
  expect(Functions?.map(({ FunctionName }) => FunctionName)).toEqual(
    ['echo', 'fails', 'slow'].map(name),
  );
  const one = await lambda.send(new GetFunctionCommand({ FunctionName: name('echo') }));
  expect(one.Configuration).toMatchObject({ Timeout: 5, MemorySize: 128 });
  const mappings = await lambda.send(new ListEventSourceMappingsCommand({}));
  expect(mappings.EventSourceMappings).toEqual([]);
});

it('tells that the service is not running', async () => {
  const endpoint = `${fixture.cloud.edgeUrl}/_millrace/services/millrace-sample/endpoint`;
  await fetch(endpoint, { method: 'DELETE' });
  await expect(invoke('echo', {})).rejects.toMatchObject({
    name: 'ServiceException',
    message: expect.stringContaining('its service millrace-sample is not running'),
  });
  await put(endpoint, { lambdaUrl: functions.url, pid: process.pid });
  expect((await invoke('echo', {})).StatusCode).toBe(200);
});

it('counts a service whose process is gone as stopped', async () => {
  const endpoint = `${fixture.cloud.edgeUrl}/_millrace/services/millrace-sample/endpoint`;
  const gone = 2 ** 22 - 1;
  await put(endpoint, { lambdaUrl: functions.url, pid: gone });
  const running = async () => {
    const status = await (await fetch(`${fixture.cloud.edgeUrl}/_millrace/status`)).json();
    return (status as { services: { running: boolean }[] }).services[0]?.running;
  };
  await expect.poll(running, { timeout: 3_000 }).toBe(false);
});
