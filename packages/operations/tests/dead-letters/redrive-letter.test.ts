import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { DeleteTableCommand } from '@aws-sdk/client-dynamodb';
import { dynamoDeadLetters } from '@millrace/middleware';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestDynamoDb } from '../../../middleware/tests/support/dynamodb.ts';
import { discardEntries } from '../../src/dead-letters/discard-entries.ts';
import { dynamoLetters } from '../../src/dead-letters/dynamo-letters.ts';
import type { Invoke } from '../../src/dead-letters/invoke.ts';
import { CLAIM_MS, type Letter } from '../../src/dead-letters/letters.ts';
import type { StreamReader } from '../../src/dead-letters/read-range.ts';
import { redriveEntries } from '../../src/dead-letters/redrive-entries.ts';
import { RedriveReport } from '../../src/dead-letters/redrive-report.ts';
import { createTable, FUNCTION, letters, mortal, NOW, platform, TABLE } from './platform.ts';

let engine: Awaited<ReturnType<typeof startTestDynamoDb>>;
beforeAll(async () => {
  engine = await startTestDynamoDb();
});
beforeEach(async () => {
  await engine.client
    .send(new DeleteTableCommand({ TableName: TABLE.name }))
    .catch(() => undefined);
  await createTable(engine.client);
});
afterAll(() => engine?.close());

const noStream: StreamReader = {
  iterator: () => Promise.reject(new TypeError('There is no stream.')),
  page: () => Promise.reject(new TypeError('There is no stream.')),
};
/** No process has this number. */
const DEAD = `${hostname()}/999999999/1`;
const ALIVE = `${hostname()}/${process.pid}/1`;

interface Run {
  readonly client?: typeof engine.client;
  readonly holder?: string;
  readonly now?: number;
  readonly ids?: readonly string[];
  readonly isForced?: boolean;
  readonly signal?: AbortSignal;
}

async function redrive(invoke: Invoke, run: Run = {}) {
  const { client = engine.client, holder = ALIVE, now = NOW, ids = [], isForced = false } = run;
  const report = new RedriveReport();
  const store = dynamoLetters(client, TABLE);
  await redriveEntries(
    { stage: 'local', letters: [store], queues: [], reader: noStream, invoke },
    {
      ...{ filter: { ids }, report, limit: 1000, isForced, holder, now: () => now },
      ...{ pace: async () => {}, onProgress: () => {} },
      signal: run.signal ?? new AbortController().signal,
    },
  );
  return report;
}

const statusOf = (all: readonly Letter[]) =>
  all.map(({ id, status }) => `${id.slice(-3)} ${status}`);

describe('a letter that is redriven', () => {
  it('is processed as the record that it was, and is a tombstone then', async () => {
    const { send, faults, invoke, effects } = platform(engine.client);
    await send('a1', 'a2 poison', 'b1');
    expect(await letters(engine.client)).toMatchObject([
      { status: 'open', code: 'poison', source: FUNCTION },
    ]);
    faults.poison = false;
    const report = await redrive(invoke);
    expect(report.tally()).toMatchObject({ accepted: 1, rejected: 0 });
    expect([...effects.values()]).toEqual(['a1', 'b1', 'a2 poison']);
    expect(statusOf(await letters(engine.client))).toEqual(['6:2 redriven']);

    // Another delivery by the stream does not open it again.
    faults.poison = true;
    await send('a1', 'a2 poison', 'b1');
    expect(statusOf(await letters(engine.client))).toEqual(['6:2 redriven']);
    expect((await redrive(invoke)).seen).toBe(0);
  });

  it('stays where it is put aside again, as one letter', async () => {
    const { send, invoke, effects } = platform(engine.client);
    await send('a poison');
    const report = await redrive(invoke);
    expect([report.tally().rejected, report.stays]).toEqual([1, 1]);
    expect(report.rows()).toMatchObject([{ reason: 'put aside again: poison' }]);
    expect(statusOf(await letters(engine.client))).toEqual(['6:1 open']);
    expect(effects.size).toBe(0);
  });

  it('is one of an aggregated record by itself, under its own id', async () => {
    const { sendAggregated, invoke, faults, effects } = platform(engine.client);
    await sendAggregated('a1', 'b poison', 'c1');
    await redrive(invoke);
    expect(statusOf(await letters(engine.client))).toEqual(['1/1 open']);
    faults.poison = false;
    expect((await redrive(invoke)).tally().accepted).toBe(1);
    expect([...effects]).toEqual([
      ['shardId-000000000006:1/0', 'a1'],
      ['shardId-000000000006:1/2', 'c1'],
      ['shardId-000000000006:1/1', 'b poison'],
    ]);
  });

  it('comes in the order of the stream, and none before one of its key that stays', async () => {
    const { send, invoke, faults, order } = platform(engine.client);
    await send(...Array.from({ length: 12 }, (_, n) => `${'ab'[n % 2]}${n} poison`));
    faults.poison = false;
    order.length = 0;
    const failing: Invoke = async (name, event) =>
      JSON.stringify(event).includes(Buffer.from('a4 poison').toString('base64'))
        ? { kind: 'failed', reason: 'away' }
        : invoke(name, event);
    const report = await redrive(failing);
    expect(report.tally()).toMatchObject({ accepted: 8, failed: 1, held: 3 });
    expect(order.map((text) => text.split(' ')[0])).toEqual([
      'a0',
      'b1',
      'a2',
      'b3',
      'b5',
      'b7',
      'b9',
      'b11',
    ]);
    await redrive(invoke);
    expect(order.slice(8).map((text) => text.split(' ')[0])).toEqual(['a4', 'a6', 'a8', 'a10']);
  });

  it('is whole where it was too large for one item', async () => {
    const payload = randomBytes(1024 * 1024);
    await dynamoDeadLetters({ client: engine.client, table: TABLE.name, now: () => NOW }).addOnce({
      ...{ source: FUNCTION, id: 'shardId-0:1', reason: { code: 'x', message: 'X' }, payload },
      attributes: {
        ...{ eventSourceArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/events' },
        ...{ sequenceNumber: '1', partitionKey: 'a' },
      },
    });
    let data = '';
    await redrive(async (_, event) => {
      data = (event as { Records: [{ kinesis: { data: string } }] }).Records[0].kinesis.data;
      return { kind: 'answered', payload: null };
    });
    expect(Buffer.from(data, 'base64').equals(payload)).toBe(true);
  });
});

describe('is left alone', () => {
  it('when another run has it in hand, until that one is dead or its time is over', async () => {
    const { send, invoke, faults } = platform(engine.client);
    await send('a poison');
    faults.poison = false;
    const store = dynamoLetters(engine.client, TABLE);
    const [letter] = await letters(engine.client);
    if (!letter) throw new TypeError('There is no letter.');
    const claim = { holder: 'another-machine/1/1', until: NOW + CLAIM_MS };
    expect(await store.claim(letter, claim)).toBe('ours');
    expect(await store.claim(letter, { ...claim, holder: ALIVE })).toBe('gone');
    const [inHands] = await letters(engine.client);
    expect(inHands).toMatchObject({ id: letter.id, status: 'redriving', claim });

    expect((await redrive(invoke)).tally()).toMatchObject({ held: 1 });
    const later = NOW + CLAIM_MS + 1;
    // Two who both see that its time is over: one of them gets it.
    const both = await Promise.all([
      redrive(invoke, { now: later }),
      redrive(invoke, { now: later }),
    ]);
    expect(both.map((report) => report.tally().accepted).sort()).toEqual([0, 1]);
    expect(statusOf(await letters(engine.client))).toEqual(['6:1 redriven']);
  });

  it('when it arrived more than 14 days ago, unless it is forced', async () => {
    const { send, invoke, faults } = platform(engine.client);
    await send('a poison');
    faults.poison = false;
    const now = NOW + 14 * 86_400_000;
    expect((await redrive(invoke, { now })).tally()).toMatchObject({ held: 1, accepted: 0 });
    expect((await redrive(invoke, { now, isForced: true })).tally()).toMatchObject({ accepted: 1 });
  });

  it('when it was discarded, also by another delivery', async () => {
    const { send, invoke } = platform(engine.client);
    await send('a poison');
    const report = new RedriveReport();
    const sources = { stage: 'local', queues: [], reader: noStream, invoke };
    const store = dynamoLetters(engine.client, TABLE);
    const { signal } = new AbortController();
    await discardEntries({ ...sources, letters: [store] }, { ids: [] }, report, signal);
    expect(report.tally().discarded).toBe(1);
    await send('a poison');
    expect(statusOf(await letters(engine.client))).toEqual(['6:1 discarded']);
    expect((await redrive(invoke)).seen).toBe(0);
  });

  it('behind five failures in a row, and when it is stopped', async () => {
    const { send, faults } = platform(engine.client);
    await send(...[...'abcdefgh'].map((key) => `${key} poison`));
    faults.poison = false;
    const away: Invoke = async () => ({ kind: 'failed', reason: 'away' });
    expect((await redrive(away)).tally()).toMatchObject({ failed: 5 });
    const stop = new AbortController();
    const stopping: Invoke = async () => {
      stop.abort();
      return { kind: 'answered', payload: { batchItemFailures: [] } };
    };
    expect((await redrive(stopping, { signal: stop.signal })).seen).toBe(1);
    expect(await letters(engine.client, false)).toHaveLength(7);
  });
});

describe.each([
  ['mended', false, ['6:1 redriven'], 1],
  ['not mended', true, ['6:1 open'], 0],
] as const)('killed at any step while the cause is %s', (_, poison, statuses, effectsOfIt) => {
  it.each(['before', 'after'] as const)(
    '%s it, the next run leaves all as it must be',
    async (side) => {
      let killed = 0;
      for (let nth = 1; ; nth += 1) {
        await engine.client.send(new DeleteTableCommand({ TableName: TABLE.name }));
        await createTable(engine.client);
        const { send, faults, invoke, effects } = platform(engine.client);
        await send('a poison');
        faults.poison = poison;
        const { state, client, invoke: mortalInvoke } = mortal(nth, side);
        const run = { client: client(engine.client), holder: DEAD };
        await redrive(mortalInvoke(invoke), run).catch(() => undefined);
        const left = await letters(engine.client);
        expect(left.length).toBeGreaterThan(0);
        await redrive(invoke);
        expect(statusOf(await letters(engine.client))).toEqual(statuses);
        expect(effects.size).toBe(effectsOfIt);
        if (!state.isDead) break;
        killed += 1;
      }
      expect(killed).toBeGreaterThanOrEqual(6);
    },
  );
});
