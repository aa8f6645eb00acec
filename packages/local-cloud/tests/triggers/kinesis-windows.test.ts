import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  MergeShardsCommand,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis';
import type { KinesisStreamEvent } from 'aws-lambda';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startEngines } from './engines.ts';
import { createRig, FUNCTION, type Rig, streamTrigger } from './rig.ts';

type WindowEvent = KinesisStreamEvent & {
  readonly window: { readonly start: string; readonly end: string };
  readonly state: { readonly count?: number };
  readonly shardId: string;
  readonly isFinalInvokeForWindow: boolean;
};

let engines: Awaited<ReturnType<typeof startEngines>>;
let rig: Rig;

beforeAll(async () => {
  engines = await startEngines(['kinesis']);
  rig = await createRig(engines);
  await engines.kinesis.send(new CreateStreamCommand({ StreamName: 'events', ShardCount: 2 }));
  await active();
  rig.host.on(FUNCTION, ({ Records, state }: WindowEvent) => ({
    state: { count: (state.count ?? 0) + Records.length },
  }));
});
afterAll(async () => {
  await rig?.close();
  await engines?.close();
});

async function active(): Promise<void> {
  const describe = new DescribeStreamSummaryCommand({ StreamName: 'events' });
  await eventually(async () => {
    const { StreamDescriptionSummary } = await engines.kinesis.send(describe);
    expect(StreamDescriptionSummary?.StreamStatus).toBe('ACTIVE');
  });
}

/** Ten records, of which each shard gets some. */
async function putTen(): Promise<void> {
  const Records = Array.from({ length: 10 }, (_, n) => ({
    ...{ Data: Buffer.from(String(n)), PartitionKey: `key-${n}` },
  }));
  await engines.kinesis.send(new PutRecordsCommand({ StreamName: 'events', Records }));
}

const events = () => rig.host.events<WindowEvent>(FUNCTION);
const finals = () => events().filter(({ isFinalInvokeForWindow }) => isFinalInvokeForWindow);
const delivered = () => events().reduce((sum, { Records }) => sum + Records.length, 0);
const eventually = (check: () => unknown) => vi.waitFor(check, { timeout: 20_000, interval: 50 });

it('keeps the state of a window over a restart, and ends it when its shard is merged away', {
  timeout: 60_000,
}, async () => {
  const trigger = streamTrigger({ batchSize: 2, tumblingWindowSeconds: 900 });
  const first = rig.start([trigger]);
  await putTen();
  first.runner.nudge({ kind: 'kinesis', name: 'events' });
  await eventually(() => expect(delivered()).toBe(10));
  await eventually(() => expect(first.runner.status()[0]?.delivered).toBe(10));
  const [shard] = first.runner.status()[0]?.shards ?? [];
  const [event] = events();
  expect(shard?.window).toMatchObject({
    start: Date.parse(event?.window.start ?? ''),
    end: Date.parse(event?.window.end ?? ''),
  });
  await first.stop();

  const second = rig.start([trigger]);
  await putTen();
  await eventually(() => expect(delivered()).toBe(20));
  expect(finals()).toEqual([]);
  await engines.kinesis.send(
    new MergeShardsCommand({
      StreamName: 'events',
      ShardToMerge: 'shardId-000000000000',
      AdjacentShardToMerge: 'shardId-000000000001',
    }),
  );
  await active();
  await putTen();
  await eventually(() => expect(delivered()).toBe(30));

  // Both parents were closed with the state of both lives before the child began with none.
  expect(
    finals()
      .map(({ shardId }) => shardId)
      .sort(),
  ).toEqual(['shardId-000000000000', 'shardId-000000000001']);
  expect(finals().reduce((sum, { state }) => sum + (state.count ?? 0), 0)).toBe(20);
  const child = events().findIndex(({ shardId }) => shardId === 'shardId-000000000002');
  expect(events()[child]?.state).toEqual({});
  expect(
    events()
      .slice(child)
      .every(({ shardId }) => shardId === 'shardId-000000000002'),
  ).toBe(true);
  const shards = second.runner
    .status()[0]
    ?.shards.map(({ state, parents }) => [state, parents.length]);
  expect(shards).toEqual([
    ['ended', 0],
    ['ended', 0],
    ['reading', 2],
  ]);
});
