import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamSummaryCommand,
  PutRecordsCommand,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';
import type { KinesisStreamEvent } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { startEngines } from './engines.ts';
import { createRig, DEAD_LETTERS_ARN, FUNCTION, type Rig, streamTrigger } from './rig.ts';
import { sample, shape } from './shape.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let rig: Rig;

beforeAll(async () => {
  engines = await startEngines(['kinesis']);
});
afterAll(() => engines.close());
beforeEach(async () => {
  rig = await createRig(engines);
});
afterEach(async () => {
  await rig.close();
  await engines.kinesis.send(new DeleteStreamCommand({ StreamName: 'events' }));
  await vi.waitFor(() => expect(streamStatus()).rejects.toThrow('not found'), { interval: 10 });
});

async function streamStatus(): Promise<string | undefined> {
  const answer = await engines.kinesis.send(
    new DescribeStreamSummaryCommand({ StreamName: 'events' }),
  );
  return answer.StreamDescriptionSummary?.StreamStatus;
}

async function createStream(): Promise<void> {
  await engines.kinesis.send(new CreateStreamCommand({ StreamName: 'events', ShardCount: 1 }));
  await active();
}

async function active(): Promise<void> {
  await vi.waitFor(async () => expect(await streamStatus()).toBe('ACTIVE'), { interval: 10 });
}

async function put(...values: string[]): Promise<void> {
  const Records = values.map((value) => ({
    Data: Buffer.from(value),
    PartitionKey: value.split('-')[0] ?? value,
  }));
  await engines.kinesis.send(new PutRecordsCommand({ StreamName: 'events', Records }));
}

const decode = (record: KinesisStreamEvent['Records'][number]) =>
  Buffer.from(record.kinesis.data, 'base64').toString('utf8');

/** The batches that the function got, as the texts of their records. */
const batches = () =>
  rig.host.events<KinesisStreamEvent>(FUNCTION).map((event) => event.Records.map(decode));

const eventually = (check: () => void) => vi.waitFor(check, { timeout: 4000, interval: 20 });

it('delivers what is in the stream, in order, once', async () => {
  await createStream();
  await put('a', 'b', 'c', 'd', 'e');
  rig.host.on(FUNCTION, () => ({ batchItemFailures: [] }));
  const { runner } = rig.start([streamTrigger({ batchSize: 2 })]);
  await eventually(() => expect(batches()).toEqual([['a', 'b'], ['c', 'd'], ['e']]));
  await eventually(() =>
    expect(runner.status()[0]).toMatchObject({ delivered: 5, state: 'running' }),
  );
  const [, , third] = rig.host.events<KinesisStreamEvent>(FUNCTION);
  const last = third?.Records[0];
  expect(shape(third)).toEqual(shape(sample('kinesis')));
  expect(last?.kinesis.approximateArrivalTimestamp).toBeCloseTo(Date.now() / 1000, -2);
  expect(last?.eventID).toBe(`shardId-000000000000:${last?.kinesis.sequenceNumber}`);
  expect(runner.status()[0]?.shards).toEqual([
    {
      shardId: 'shardId-000000000000',
      parents: [],
      state: 'reading',
      checkpoint: last?.kinesis.sequenceNumber,
      iteratorAgeMs: 0,
      inFlight: 0,
      pending: 0,
      attempts: 0,
    },
  ]);
});

it('is woken by a nudge instead of waiting for its next poll', async () => {
  await createStream();
  rig.host.on(FUNCTION, () => undefined);
  const { runner } = rig.start([streamTrigger()], 3_600_000);
  await eventually(() => expect(runner.status()[0]?.state).toBe('running'));
  await put('first');
  runner.nudge({ kind: 'kinesis', name: 'events' });
  await eventually(() => expect(batches()).toHaveLength(1));
  await put('second');
  runner.nudge({ kind: 'kinesis', name: 'events' });
  await eventually(() => expect(batches()).toHaveLength(2));
});

it('retries from the lowest failure, then discards to the destination and goes on', async () => {
  await createStream();
  await put('a', 'poison', 'b');
  rig.host.on(FUNCTION, (event: KinesisStreamEvent) => {
    const poison = event.Records.find((record) => decode(record) === 'poison');
    return {
      batchItemFailures: poison ? [{ itemIdentifier: poison.kinesis.sequenceNumber }] : [],
    };
  });
  const { runner } = rig.start([
    streamTrigger({ bisectBatchOnFunctionError: true, maximumRetryAttempts: 1 }),
  ]);
  await eventually(() => expect(runner.status()[0]).toMatchObject({ delivered: 2, discarded: 1 }));
  expect(batches()).toEqual([['a', 'poison', 'b'], ['poison', 'b'], ['poison'], ['poison'], ['b']]);
  const sequence =
    rig.host.events<KinesisStreamEvent>(FUNCTION)[2]?.Records[0]?.kinesis.sequenceNumber;
  expect(rig.sent).toMatchObject([
    {
      target: DEAD_LETTERS_ARN,
      body: {
        requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 4 },
        responseContext: { statusCode: 200, functionError: null },
        KinesisBatchInfo: {
          shardId: 'shardId-000000000000',
          startSequenceNumber: sequence,
          endSequenceNumber: sequence,
          batchSize: 1,
        },
      },
    },
  ]);
});

it('waits for a service that is down and uses up no retry by it', async () => {
  await createStream();
  await put('a');
  let killed = false;
  rig.host.on(FUNCTION, async () => {
    if (killed) return undefined;
    killed = true;
    rig.host.kill();
    return undefined;
  });
  const { runner, registry } = rig.start([streamTrigger({ maximumRetryAttempts: 0 })]);
  await eventually(() => expect(batches()).toHaveLength(1));
  registry.clearEndpoint('test');
  await eventually(() => expect(runner.status()[0]?.state).toBe('waiting-for-function'));
  registry.setEndpoint('test', rig.host.lambdaUrl);
  await eventually(() => expect(runner.status()[0]).toMatchObject({ delivered: 1, discarded: 0 }));
  expect(batches().at(-1)).toEqual(['a']);
});

it('delivers the batch in flight again after kill -9, and nothing that was done before', async () => {
  await createStream();
  await put('a', 'b', 'c', 'd', 'e', 'f', 'g');
  const stuck = Promise.withResolvers<void>();
  rig.host.on(FUNCTION, async (event: KinesisStreamEvent) => {
    if (event.Records.some((record) => decode(record) === 'd') && batches().length < 3) {
      stuck.resolve();
      await new Promise(() => undefined);
    }
  });
  const script = fileURLToPath(new URL('runner-process.ts', import.meta.url));
  const child = spawn(process.execPath, [script, rig.dir, engines.kinesisUrl, rig.host.lambdaUrl], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  await stuck.promise;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
  expect(batches()).toEqual([
    ['a', 'b', 'c'],
    ['d', 'e', 'f'],
  ]);

  // The counts of the killed process are not forgotten.
  const { runner } = rig.start([streamTrigger({ batchSize: 3 })]);
  await eventually(() => expect(runner.status()[0]?.delivered).toBe(7));
  expect(batches().slice(2)).toEqual([['d', 'e', 'f'], ['g']]);
});

it('reads a closed parent shard to its end before its children', async () => {
  await createStream();
  await put('a-1', 'b-1', 'c-1');
  await engines.kinesis.send(
    new SplitShardCommand({
      StreamName: 'events',
      ShardToSplit: 'shardId-000000000000',
      NewStartingHashKey: (2n ** 127n).toString(),
    }),
  );
  await active();
  await put('a-2', 'b-2', 'c-2');
  let failures = 2;
  rig.host.on(FUNCTION, () => {
    failures -= 1;
    if (failures >= 0) throw new Error('not yet');
  });
  const { runner } = rig.start([streamTrigger()]);
  await eventually(() => expect(runner.status()[0]?.delivered).toBe(6));
  const delivered = batches();
  expect(delivered.slice(0, 3)).toEqual(Array(3).fill(['a-1', 'b-1', 'c-1']));
  expect(delivered.slice(3).flat().sort()).toEqual(['a-2', 'b-2', 'c-2']);
  const [parent, ...children] = runner.status()[0]?.shards ?? [];
  expect(parent).toMatchObject({ shardId: 'shardId-000000000000', state: 'ended' });
  for (const child of children) {
    expect(child).toMatchObject({ parents: [parent?.shardId], state: 'reading', pending: 0 });
  }
});

it('LATEST skips what was there before the mapping, but nothing put while the cloud was down', async () => {
  await createStream();
  await put('old');
  rig.host.on(FUNCTION, () => undefined);
  const first = rig.start([streamTrigger({ startingPosition: 'LATEST' })]);
  await eventually(() => expect(first.runner.status()[0]?.shards).toHaveLength(1));
  await first.stop();
  await put('while down');
  rig.start([streamTrigger({ startingPosition: 'LATEST' })]);
  await eventually(() => expect(batches()).toEqual([['while down']]));
});

it('AT_TIMESTAMP starts with what arrived at that instant', async () => {
  await createStream();
  await put('before');
  await new Promise((resolve) => setTimeout(resolve, 20));
  const startingPositionTimestamp = Date.now();
  await put('after');
  rig.host.on(FUNCTION, () => undefined);
  rig.start([streamTrigger({ startingPosition: 'AT_TIMESTAMP', startingPositionTimestamp })]);
  await eventually(() => expect(batches()).toEqual([['after']]));
});

it('waits for its stream, and misses nothing of it once it is there', async () => {
  rig.host.on(FUNCTION, () => undefined);
  const { runner } = rig.start([streamTrigger({ startingPosition: 'LATEST' })]);
  await eventually(() => expect(runner.status()[0]?.state).toBe('waiting-for-source'));
  await new Promise((resolve) => setTimeout(resolve, 100));
  await createStream();
  await put('first');
  await eventually(() => expect(batches()).toEqual([['first']]));
});

it('keeps its checkpoint when the service registers again with other settings', async () => {
  await createStream();
  await put('a');
  rig.host.on(FUNCTION, () => undefined);
  const { runner } = rig.start([streamTrigger()]);
  await eventually(() => expect(runner.status()[0]?.delivered).toBe(1));
  runner.apply('test', [streamTrigger({ batchSize: 5 })]);
  await put('b');
  await eventually(() => expect(batches()).toEqual([['a'], ['b']]));
  runner.remove('test');
  expect(runner.status()).toEqual([]);
});

it('checkpoints what a filter drops, without invoking the function', async () => {
  await createStream();
  await put('{"type":"click"}', '{"type":"order"}', 'no json');
  rig.host.on(FUNCTION, () => undefined);
  const { runner } = rig.start([
    streamTrigger({ filterPatterns: [{ data: { type: ['order'] } }] }),
  ]);
  await eventually(() => expect(batches()).toEqual([['{"type":"order"}']]));
  await eventually(() => expect(runner.status()[0]?.delivered).toBe(1));
  await runner.stop();
  rig.start([streamTrigger()]);
  await put('next');
  await eventually(() => expect(batches().at(-1)).toEqual(['next']));
  expect(batches()).toHaveLength(2);
});

it('delivers again what it could not checkpoint, and goes on from there', async () => {
  await createStream();
  const life = rig.start([streamTrigger()]);
  rig.host.on(FUNCTION, () => {
    if (batches().length === 1) life.state.db.exec('PRAGMA query_only = ON');
  });
  await put('a');
  await eventually(() => expect(life.runner.status()[0]?.lastError).toContain('readonly'));
  life.state.db.exec('PRAGMA query_only = OFF');
  await put('b');
  await eventually(() => expect(batches().flat()).toEqual(['a', 'a', 'b']));
  await eventually(() => expect(life.runner.status()[0]?.shards[0]?.inFlight).toBe(0));
});
