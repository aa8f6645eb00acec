import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ProblemError } from '@millrace/types';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDynamoDb } from '../../../local-cloud/src/engines/dynamodb.ts';
import { openState } from '../../../local-cloud/src/state.ts';
import { dynamoOncePerKey, type OncePerKey } from '../../src/http/idempotency.ts';
import { logger } from '../../src/logging.ts';

const closing: (() => Promise<void> | void)[] = [];
let once: OncePerKey;

beforeAll(async () => {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-idempotency-'));
  const state = openState(dir);
  const engine = await startDynamoDb({ state, log: () => {} });
  const client = new DynamoDBClient({
    endpoint: engine.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'millrace', secretAccessKey: 'millrace' },
  });
  closing.push(
    () => client.destroy(),
    () => engine.close(),
    () => state.close(),
    () => rmSync(dir, { recursive: true, force: true }),
  );
  await client.send(
    new CreateTableCommand({
      TableName: 'idempotency',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
  once = dynamoOncePerKey(client, 'idempotency');
});
afterAll(async () => {
  for (const close of closing) await close();
});

const request = (key: string, changes: Record<string, unknown> = {}, remainingMs = 20_000) => ({
  tenant: 'acme',
  operation: 'placeOrder',
  key,
  payload: { amount: 1 },
  ...changes,
  invocation: { requestId: 'r', functionName: 'f', logger, remainingMs: () => remainingMs },
});
const codeOf = async (attempt: Promise<unknown>) => {
  const error = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof ProblemError ? `${error.status} ${error.code}` : String(error);
};

describe('a repeated request', () => {
  it('gets the first answer and does no work', async () => {
    let done = 0;
    const work = async () => ({ number: ++done, nothing: null, absent: undefined });
    const first = await once.run(request('a'), work);
    const second = await once.run(request('a'), work);
    expect(first).toEqual({ value: { number: 1, nothing: null }, replayed: false });
    expect(second).toEqual({ value: { number: 1, nothing: null }, replayed: true });
    expect(done).toBe(1);
  });
  it('is the same whatever the order of its members', async () => {
    await once.run(request('order', { payload: { a: 1, b: 2 } }), async () => 1);
    const again = await once.run(request('order', { payload: { b: 2, a: 1 } }), async () => 2);
    expect(again).toEqual({ value: 1, replayed: true });
  });
  it('with another payload is refused', async () => {
    await once.run(request('b'), async () => 1);
    const other = once.run(request('b', { payload: { amount: 2 } }), async () => 2);
    expect(await codeOf(other)).toBe('422 idempotency_key_reused');
  });
  it.each([
    ['tenant', { tenant: 'other' }],
    ['operation', { operation: 'createUpload' }],
  ])('of another %s is another request', async (name, changes) => {
    await once.run(request(`c-${name}`), async () => 1);
    expect(await once.run(request(`c-${name}`, changes), async () => 2)).toEqual({
      value: 2,
      replayed: false,
    });
  });
  it('does its work after the first failed', async () => {
    const failure = new ProblemError('service_unavailable', 'Later.');
    await expect(once.run(request('d'), () => Promise.reject(failure))).rejects.toBe(failure);
    expect(await once.run(request('d'), async () => 'done')).toEqual({
      value: 'done',
      replayed: false,
    });
  });
});

describe('two requests at once', () => {
  it('one works, the other is told to wait', async () => {
    const gate = Promise.withResolvers<string>();
    const first = once.run(request('e'), () => gate.promise);
    await sleep(100);
    const error = await once.run(request('e'), async () => 'second').catch((reason) => reason);
    expect(error).toMatchObject({ code: 'request_in_progress', retryAfterSeconds: 1 });
    gate.resolve('first');
    expect((await first).value).toBe('first');
    expect(await once.run(request('e'), async () => 'third')).toEqual({
      value: 'first',
      replayed: true,
    });
  });
  it('refuse the one with another payload rather than let it wait', async () => {
    const gate = Promise.withResolvers<string>();
    const first = once.run(request('f'), () => gate.promise);
    await sleep(100);
    const other = once.run(request('f', { payload: { amount: 2 } }), async () => 'second');
    expect(await codeOf(other)).toBe('422 idempotency_key_reused');
    gate.resolve('first');
    await first;
  });
  it('of twenty racers one works', async () => {
    let done = 0;
    const racers = Array.from({ length: 20 }, () =>
      once.run(request('race'), async () => {
        done += 1;
        await sleep(200);
        return done;
      }),
    );
    const outcomes = await Promise.allSettled(racers);
    expect(done).toBe(1);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).not.toHaveLength(0);
  });
});

it('works again once the time of a function that died is over', async () => {
  // The first never answers, as if its function had been stopped; it had 300 ms left.
  void once.run(request('crash', {}, 300), () => new Promise<string>(() => {}));
  await sleep(100);
  expect(await codeOf(once.run(request('crash'), async () => 'early'))).toBe(
    '409 request_in_progress',
  );
  await sleep(400);
  expect(await once.run(request('crash'), async () => 'recovered')).toEqual({
    value: 'recovered',
    replayed: false,
  });
});
