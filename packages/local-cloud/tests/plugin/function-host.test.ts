import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  connectFunctions,
  type FunctionConnection,
} from '../../src/lambda/channel/connect-functions.ts';
import {
  type FunctionHost,
  type HostedInvocation,
  startFunctionHost,
} from '../../src/plugin/function-host/function-host.ts';

const MODULE = `
import { appendFileSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
export const echo = async (event) => ({ event, threadId });
export const context = async (event, context) => ({
  ...context, remaining: context.getRemainingTimeInMillis(),
  own: process.env.OWN, name: process.env.AWS_LAMBDA_FUNCTION_NAME, home: process.env.HOME ?? null });
export const byCallback = (event, context, callback) => setTimeout(() => callback(null, 'called'), 1);
export const silent = async () => {};
export const fails = async () => { throw new TypeError('poison'); };
export const throwsText = async () => { throw 'text'; };
export const exits = async () => process.exit(3);
export const crashes = () => new Promise(() => setTimeout(() => { throw new RangeError('later'); }, 1));
export const circular = async () => { const a = {}; a.a = a; return a; };
export const large = async () => 'x'.repeat(7_000_000);
export const slow = async ({ file, steps }) => {
  for (let step = 1; step <= steps; step += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    appendFileSync(file, step + '\\n');
  }
  return threadId;
};
export const spins = async () => { for (;;); };
`;

let dir: string;
let host: FunctionHost;
let connection: FunctionConnection;
let ended: HostedInvocation[];

const hosted = (exportName: string, file = 'work') => ({
  key: exportName,
  name: `test-${exportName}`,
  handler: `${file}.${exportName}`,
  folder: dir,
  timeoutMs: 3_000,
  memoryMb: 256,
  environment: { OWN: exportName, AWS_LAMBDA_FUNCTION_NAME: `test-${exportName}` },
});

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-host-'));
  writeFileSync(join(dir, 'work.mjs'), MODULE);
  writeFileSync(join(dir, 'broken.mjs'), 'export const echo = ; ');
  writeFileSync(join(dir, 'common.cjs'), 'exports.deep = { echo: async (event) => event };');
  ended = [];
  host = await startFunctionHost({
    functions: [
      ...[...MODULE.matchAll(/export const (\w+)/g)].map(([, name = '']) => hosted(name)),
      { ...hosted('missing'), name: 'test-missing' },
      { ...hosted('echo', 'broken'), name: 'test-broken' },
      { ...hosted('echo', 'nowhere'), name: 'test-nowhere' },
      { ...hosted('deep', 'common'), name: 'test-common', handler: 'common.deep.echo' },
      { ...hosted('spins'), name: 'test-spins', timeoutMs: 300 },
      { ...hosted('slow'), name: 'test-hasty', timeoutMs: 300 },
    ],
    onEnd: (invocation) => ended.push(invocation),
  });
  connection = connectFunctions(host.url);
});
afterEach(async () => {
  connection.close();
  await host.close();
  rmSync(dir, { recursive: true, force: true });
});

const start = (functionName: string, event: unknown = {}) =>
  connection.invoke({ functionName, requestId: `id-${functionName}` }, JSON.stringify(event));

async function invoke(functionName: string, event?: unknown) {
  const { status, body } = await start(functionName, event).answer;
  return { status, body: body === '' ? undefined : JSON.parse(body) };
}

const file = () => join(dir, 'steps');
const steps = () =>
  existsSync(file()) ? readFileSync(file(), 'utf8').trim().split('\n').length : 0;

it('answers what the handler returns, from the same sandbox again', async () => {
  const first = await invoke('test-echo', { text: '안녕' });
  expect(first).toMatchObject({ status: 'success', body: { event: { text: '안녕' } } });
  expect((await invoke('test-echo')).body.threadId).toBe(first.body.threadId);
  expect(ended).toMatchObject([{ key: 'echo', requestId: 'id-test-echo' }, { key: 'echo' }]);
});

it('runs side by side what is invoked side by side', async () => {
  const both = await Promise.all([invoke('test-echo'), invoke('test-echo')]);
  expect(new Set(both.map(({ body }) => body.threadId)).size).toBe(2);
});

it('gives a handler its context and its environment, and nothing of the machine’s', async () => {
  expect((await invoke('test-context')).body).toMatchObject({
    functionName: 'test-context',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:test-context',
    memoryLimitInMB: '256',
    awsRequestId: 'id-test-context',
    logGroupName: '/aws/lambda/test-context',
    remaining: expect.toSatisfy((ms: number) => ms > 1_000 && ms <= 3_000),
    own: 'context',
    name: 'test-context',
    home: null,
  });
});

it('knows handlers with a callback, in CommonJS and below an export', async () => {
  expect(await invoke('test-byCallback')).toEqual({ status: 'success', body: 'called' });
  expect(await invoke('test-common', { a: 1 })).toEqual({ status: 'success', body: { a: 1 } });
  expect(await invoke('test-silent')).toEqual({ status: 'success', body: null });
});

it.each([
  ['test-fails', { errorType: 'TypeError', errorMessage: 'poison' }],
  ['test-throwsText', { errorType: 'string', errorMessage: 'text', trace: [] }],
  ['test-exits', { errorType: 'Runtime.ExitError' }],
  ['test-crashes', { errorType: 'RangeError', errorMessage: 'later' }],
  ['test-circular', { errorType: 'Runtime.MarshalError' }],
  ['test-large', { errorType: 'Function.ResponseSizeTooLarge' }],
  ['test-missing', { errorType: 'Runtime.HandlerNotFound' }],
  ['test-nowhere', { errorType: 'Runtime.ImportModuleError' }],
  ['test-broken', { errorType: 'SyntaxError' }],
  ['test-spins', { errorType: 'Sandbox.Timedout' }],
])('%s is a function error, and the next invocation is served', async (name, error) => {
  for (const _ of [1, 2]) {
    expect(await invoke(name)).toMatchObject({ status: 'function-error', body: error });
  }
  expect(await invoke('test-echo')).toMatchObject({ status: 'success' });
});

it('says of a function that it does not have that it is missing', async () => {
  expect(await invoke('test-unknown')).toMatchObject({ status: 'missing' });
});

it('a handler at its timeout does nothing more', async () => {
  const { body } = await invoke('test-hasty', { file: file(), steps: 200 });
  expect(body.errorMessage).toBe(
    'RequestId: id-test-hasty Error: Task timed out after 0.30 seconds',
  );
  const done = steps();
  await sleep(200);
  expect(steps()).toBe(done);
});

async function startSlowly() {
  const asked = start('test-slow', { file: file(), steps: 200 });
  asked.answer.catch(() => {});
  await expect.poll(steps, { timeout: 10_000, interval: 5 }).toBeGreaterThan(2);
  return asked;
}

it('an invocation that is stopped does nothing more, and the next finds a new sandbox', async () => {
  const before = (await invoke('test-slow', { file: file(), steps: 1 })).body;
  const asked = await startSlowly();
  asked.stop();
  await expect(asked.answer).rejects.toThrow('stopped');
  await sleep(100);
  const done = steps();
  await sleep(200);
  expect(steps()).toBe(done);
  expect((await invoke('test-slow', { file: file(), steps: 1 })).body).not.toBe(before);
});

it('what is under way when the cloud goes away does nothing more', async () => {
  await startSlowly();
  connection.close();
  await sleep(100);
  const done = steps();
  await sleep(200);
  expect(steps()).toBe(done);
});

it('renewed, it finishes what is under way and runs the new code', async () => {
  await invoke('test-echo');
  const asked = start('test-slow', { file: file(), steps: 10 });
  await expect.poll(steps, { timeout: 10_000, interval: 5 }).toBeGreaterThan(1);
  writeFileSync(
    join(dir, 'work.mjs'),
    'export const echo = async () => "new"; export const slow = async () => "new";',
  );
  host.renew();
  expect((await asked.answer).status).toBe('success');
  expect(steps()).toBe(10);
  expect((await invoke('test-echo')).body).toBe('new');
  expect((await invoke('test-slow')).body).toBe('new');
});
