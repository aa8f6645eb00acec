import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  type AsyncInvocationsRunner,
  createAsyncInvocations,
} from '../../src/lambda/async-invocations.ts';
import { createFunctionRegistry } from '../../src/lambda/function-registry.ts';
import { MessageRefusedError } from '../../src/message-refused.ts';
import type { FunctionDefinition, InvokeResult } from '../../src/ports.ts';
import { type CloudState, openState } from '../../src/state.ts';
import { functionDefinition } from '../triggers/rig.ts';
import { sample, shape } from '../triggers/shape.ts';
import { createVirtualClock, type VirtualClock } from '../triggers/virtual-clock.ts';

const FAILURES_ARN = 'arn:aws:sqs:us-east-1:000000000000:failures';
const SUCCESSES_ARN = 'arn:aws:sns:us-east-1:000000000000:successes';

let dir: string;
let state: CloudState;
let clock: VirtualClock;
let startedAt: number;
let calls: { name: string; payload: string; second: number }[];
let sent: { target: string; body: Record<string, unknown> }[];
let answer: (name: string) => InvokeResult | Promise<InvokeResult>;
let refuseSends: number;
let tooLarge: boolean;
let warnings: string[];
let queue: AsyncInvocationsRunner;
const registry = createFunctionRegistry();

const success: InvokeResult = { kind: 'success', payload: { ok: true }, requestId: 'r' };
const failure: InvokeResult = {
  kind: 'function-error',
  payload: { errorMessage: 'poison' },
  requestId: 'r',
  timedOut: false,
};

function define(async: Partial<FunctionDefinition['async']> = {}): void {
  const defaults = { maximumRetryAttempts: 2, maximumEventAgeSeconds: 21_600 };
  registry.define('test', [functionDefinition('work', { async: { ...defaults, ...async } })]);
}

function start(): AsyncInvocationsRunner {
  return createAsyncInvocations({
    state,
    clock,
    registry,
    invoker: {
      async invoke(name, payload) {
        calls.push({ name, payload, second: (clock.now() - startedAt) / 1000 });
        return answer(name);
      },
    },
    log: { info: () => {}, warn: (message) => void warnings.push(message) },
    sink: {
      async send(target, body) {
        if (tooLarge) throw new MessageRefusedError('Message must be shorter');
        refuseSends -= 1;
        if (refuseSends >= 0) throw new Error('queue is away');
        sent.push({ target, body: JSON.parse(body) as Record<string, unknown> });
      },
    },
  });
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-async-'));
  state = openState(dir);
  clock = createVirtualClock();
  startedAt = clock.now();
  calls = [];
  sent = [];
  refuseSends = 0;
  tooLarge = false;
  warnings = [];
  answer = () => success;
  define();
  registry.setEndpoint('test', 'http://127.0.0.1:1');
  queue = start();
});
afterEach(async () => {
  const stopped = queue.stop();
  await clock.advance(5_000);
  await stopped;
  state.close();
  rmSync(dir, { recursive: true });
});

const seconds = () => calls.map((call) => call.second);

it('delivers an event once and forgets it', async () => {
  queue.enqueue('work', '{"n":1}');
  await clock.advance(86_400_000);
  expect(calls).toEqual([{ name: 'work', payload: '{"n":1}', second: 0 }]);
  expect(queue.status()).toEqual({
    ...{ queued: 0, inFlight: 0, destinations: 0 },
    ...{ discarded: 0, undelivered: 0 },
  });
});

it('queues together with the effect that caused it, or not at all', async () => {
  const storing = () =>
    state.transaction(() => {
      queue.enqueue('work', '{}');
      throw new Error('the object could not be stored');
    });
  expect(storing).toThrow('could not be stored');
  await clock.advance(1000);
  expect(calls).toEqual([]);
});

it('invokes in the same turn in which the effect that caused it is committed', () => {
  state.transaction(() => {
    queue.enqueue('work', '{"n":1}');
    expect(calls).toEqual([]);
  });
  expect(calls).toMatchObject([{ payload: '{"n":1}' }]);
  // A process that ends here finds it in the queue.
  expect(queue.status()).toMatchObject({ queued: 1, inFlight: 1 });
});

it('retries a function error after one and two minutes, then sends the record of its failure', async () => {
  define({ onFailureArn: FAILURES_ARN });
  answer = () => failure;
  const { requestId } = queue.enqueue('work', '{"ORDER_IDS":["1"]}');
  await clock.advance(3_600_000);
  expect(seconds()).toEqual([0, 60, 180]);
  expect(sent).toHaveLength(1);
  expect(sent[0]?.target).toBe(FAILURES_ARN);
  expect(shape(sent[0]?.body)).toEqual(shape(sample('async-failure')));
  expect(sent[0]?.body).toMatchObject({
    requestContext: { requestId, condition: 'RetriesExhausted', approximateInvokeCount: 3 },
    requestPayload: { ORDER_IDS: ['1'] },
    responsePayload: { errorMessage: 'poison' },
  });
  expect(queue.status()).toMatchObject({ queued: 0, destinations: 0, discarded: 1 });
});

it('honours maximumRetryAttempts 0', async () => {
  define({ maximumRetryAttempts: 0 });
  answer = () => failure;
  queue.enqueue('work', '{}');
  await clock.advance(3_600_000);
  expect(calls).toHaveLength(1);
});

it('sends the record of a success where it is wanted', async () => {
  define({ onSuccessArn: SUCCESSES_ARN });
  queue.enqueue('work', '{"n":1}');
  await clock.advance(0);
  expect(sent).toMatchObject([
    {
      target: SUCCESSES_ARN,
      body: {
        requestContext: { condition: 'Success', approximateInvokeCount: 1 },
        responseContext: { statusCode: 200, executedVersion: '$LATEST' },
        responsePayload: { ok: true },
      },
    },
  ]);
  expect(sent[0]?.body.responseContext).not.toHaveProperty('functionError');
});

it('invokes a function that is a destination', async () => {
  define({ onFailureArn: 'arn:aws:lambda:us-east-1:000000000000:function:repair' });
  answer = (name) => (name === 'work' ? failure : success);
  queue.enqueue('work', '{}');
  await clock.advance(200_000);
  expect(calls.map((call) => call.name)).toEqual(['work', 'work', 'work', 'repair']);
  expect(JSON.parse(calls[3]?.payload ?? '')).toMatchObject({
    requestContext: { condition: 'RetriesExhausted' },
  });
});

it('keeps the record of a failure until its destination takes it, over a restart too', async () => {
  define({ onFailureArn: FAILURES_ARN, maximumRetryAttempts: 0 });
  answer = () => failure;
  refuseSends = 2;
  queue.enqueue('work', '{}');
  await clock.advance(500);
  await queue.stop();
  queue = start();
  await clock.advance(10_000);
  expect(calls).toHaveLength(1);
  expect(sent).toHaveLength(1);
});

it('gives up the record that its destination refuses for good, and says of which function, where and how large', async () => {
  define({ onFailureArn: FAILURES_ARN, maximumRetryAttempts: 0 });
  answer = () => failure;
  tooLarge = true;
  const { requestId } = queue.enqueue('work', JSON.stringify('x'.repeat(2_000_000)));
  await clock.advance(0);
  expect(queue.status()).toMatchObject({ destinations: 0, discarded: 1, undelivered: 1 });
  const lost = new RegExp(`^work: the record of event ${requestId} \\(20\\d{5} bytes\\) is lost`);
  expect(warnings.at(-1)).toMatch(lost);
  expect(warnings.at(-1)).toContain(FAILURES_ARN);
  tooLarge = false;
  await clock.advance(86_400_000);
  expect(sent).toEqual([]);
});

// https://docs.aws.amazon.com/lambda/latest/api/API_OnSuccess.html
it('leaves request and response out of the record for a topic that would not take them', async () => {
  define({ onSuccessArn: SUCCESSES_ARN });
  queue.enqueue('work', JSON.stringify('é'.repeat(140_000)));
  queue.enqueue('work', JSON.stringify('e'.repeat(140_000)));
  await clock.advance(0);
  const [large, small] = sent.map(({ body }) => body);
  expect(large).toMatchObject({ requestContext: { condition: 'Success' } });
  expect(large).not.toHaveProperty('requestPayload');
  expect(large).not.toHaveProperty('responsePayload');
  expect(small).toMatchObject({
    requestPayload: expect.any(String),
    responsePayload: { ok: true },
  });
});

it('backs off from throttles without using up retries, for as long as the event may live', async () => {
  define({ onFailureArn: FAILURES_ARN, maximumEventAgeSeconds: 100 });
  answer = () => ({ kind: 'throttled' });
  queue.enqueue('work', '{}');
  await clock.advance(3_600_000);
  expect(seconds()).toEqual([0, 1, 3, 7, 15, 31, 63]);
  expect(sent).toMatchObject([
    { body: { requestContext: { condition: 'EventAgeExceeded', approximateInvokeCount: 0 } } },
  ]);
  expect(sent[0]?.body).not.toHaveProperty('responsePayload');
});

it('delivers at once what waited for a service when it comes up', async () => {
  answer = () => ({ kind: 'unavailable' });
  queue.enqueue('work', '{}');
  await clock.advance(40_000);
  answer = () => success;
  registry.setEndpoint('test', 'http://127.0.0.1:1');
  await clock.advance(0);
  expect(seconds()).toEqual([0, 1, 3, 7, 15, 31, 40]);
  expect(queue.status().queued).toBe(0);
});

it('finds out of a few events, not of each, that nobody is there', async () => {
  answer = () => ({ kind: 'unavailable' });
  state.transaction(() => {
    for (let nth = 0; nth < 500; nth += 1) queue.enqueue('work', '{}');
  });
  await clock.advance(5_500);
  expect(calls.length).toBeGreaterThanOrEqual(5);
  expect(calls.length).toBeLessThanOrEqual(6 * 4);
  answer = () => success;
  calls = [];
  registry.setEndpoint('test', 'http://127.0.0.1:1');
  await expect.poll(() => queue.status().queued).toBe(0);
  expect(calls).toHaveLength(500);
});

it('lets others have their turn while it gives up a great many that are too old', async () => {
  answer = () => ({ kind: 'unavailable' });
  state.transaction(() => {
    for (let nth = 0; nth < 2_000; nth += 1) queue.enqueue('work', '{}');
  });
  define({ maximumEventAgeSeconds: 60 });
  await clock.advance(70_000);
  let turns = 0;
  const counting = setInterval(() => (turns += 1), 0);
  registry.setEndpoint('test', 'http://127.0.0.1:1');
  await expect.poll(() => queue.status().queued).toBe(0);
  clearInterval(counting);
  expect(turns).toBeGreaterThan(10);
});

it('delivers again what was in flight when the process was killed', async () => {
  answer = () => new Promise(() => undefined);
  queue.enqueue('work', '{"n":1}');
  await clock.advance(0);
  expect(queue.status()).toMatchObject({ queued: 1, inFlight: 1 });
  // A second runner on the same state knows what a process after kill -9 knows: the database.
  const killed = queue;
  answer = () => success;
  queue = start();
  await clock.advance(0);
  expect(calls.map((call) => call.payload)).toEqual(['{"n":1}', '{"n":1}']);
  expect(queue.status().queued).toBe(0);
  const stopped = killed.stop();
  await clock.advance(5_000);
  await stopped;
});

it('delivers what is in the queue of an earlier version, begun or not', async () => {
  await queue.stop();
  state.db.exec(`DROP TABLE async_invocations;
    CREATE TABLE async_invocations (
      request_id TEXT PRIMARY KEY, function_name TEXT NOT NULL, payload TEXT NOT NULL,
      enqueued_at INTEGER NOT NULL, failures INTEGER NOT NULL DEFAULT 0,
      setbacks INTEGER NOT NULL DEFAULT 0, due_at INTEGER NOT NULL,
      taken INTEGER NOT NULL DEFAULT 0, destination_arn TEXT);
    CREATE INDEX async_by_due ON async_invocations (taken, due_at)`);
  const add = state.db.prepare(
    `INSERT INTO async_invocations (request_id, function_name, payload, enqueued_at, due_at, taken)
     VALUES (?, 'work', ?, ?, ?, ?)`,
  );
  add.run('begun', '"begun"', startedAt, startedAt, 1);
  add.run('waiting', '"waiting"', startedAt, startedAt, 0);
  queue = start();
  queue.enqueue('work', '"new"');
  await clock.advance(0);
  expect(calls.map((call) => call.payload).sort()).toEqual(['"begun"', '"new"', '"waiting"']);
  expect(queue.status()).toMatchObject({ queued: 0, inFlight: 0 });
});

it('begins nothing once it is stopped: that is for the next process', async () => {
  await queue.stop();
  queue.enqueue('work', '{}');
  expect(calls).toEqual([]);
  queue = start();
  await clock.advance(0);
  expect(calls).toHaveLength(1);
});

it('delivers again what it could not record as done', async () => {
  let refuse = true;
  answer = () => {
    if (refuse) state.db.exec('PRAGMA query_only = ON');
    return success;
  };
  queue.enqueue('work', '{}');
  await clock.advance(100);
  expect(calls).toHaveLength(1);
  refuse = false;
  state.db.exec('PRAGMA query_only = OFF');
  await clock.advance(5_000);
  expect(calls).toHaveLength(2);
  expect(queue.status()).toMatchObject({ queued: 0, inFlight: 0 });
});

it('keeps a few invocations of a function in flight, and other functions unhindered', async () => {
  const slow: (() => void)[] = [];
  answer = (name) =>
    name === 'work' ? new Promise((resolve) => slow.push(() => resolve(success))) : success;
  for (let index = 0; index < 10; index += 1) queue.enqueue('work', '{}');
  queue.enqueue('other', '{}');
  await clock.advance(0);
  expect(calls.filter((call) => call.name === 'work')).toHaveLength(4);
  expect(calls.filter((call) => call.name === 'other')).toHaveLength(1);
  for (let done = 0; done < 10; done += 1) {
    slow.shift()?.();
    await clock.advance(0);
  }
  expect(queue.status().queued).toBe(0);
});
