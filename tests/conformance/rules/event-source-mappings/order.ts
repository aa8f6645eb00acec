import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Call } from '../../referee.ts';
import type { Rule } from '../../rule.ts';
import { type KinesisEvent, textsOf } from '../../stage/streams.ts';
import { pages } from './pages.ts';
import { batchOf, failsOn, numbered, streamScene } from './stream-scene.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The most calls that ran at one moment. */
function atOnce(calls: readonly Call<KinesisEvent>[]): number {
  return Math.max(
    ...calls.map(
      ({ startedAt }) =>
        calls.filter((call) => call.startedAt <= startedAt && (call.endedAt ?? 0) > startedAt)
          .length,
    ),
  );
}

const KEYS = numbered(6, 'key');
const ROUNDS = 3;

/** Three records under each of six keys, a slow function, and several batches at once. */
async function inParallel(stage: Parameters<Rule['run']>[0]) {
  const stream = await stage.stream();
  for (let n = 0; n < ROUNDS; n += 1) {
    for (const key of KEYS) await stream.put([`${key}:${n}`], key);
  }
  const performer = await stage.function(() => pause(150));
  await stage.map(performer, stream.arn, { BatchSize: 2, ParallelizationFactor: 3 });
  return stage.eventually(
    'all records reach the function',
    () => {
      const calls = performer.calls<KinesisEvent>().filter(({ endedAt }) => endedAt);
      return calls.flatMap(batchOf).length >= KEYS.length * ROUNDS ? calls : undefined;
    },
    50_000,
  );
}

export const order: readonly Rule[] = [
  {
    id: 'event-source-mappings/a-shard-is-delivered-in-order',
    title: 'Records of a shard are delivered in their order',
    page: pages.kinesis,
    async run(stage) {
      const texts = numbered(20);
      const mapping = { BatchSize: 7 };
      const scene = await streamScene(stage, { texts, play: () => null, mapping });
      deepEqual((await scene.untilDelivered('r019', 40_000)).flat(), texts);
    },
  },
  {
    id: 'event-source-mappings/one-batch-of-a-shard-is-in-flight',
    title: 'One batch of a shard is in flight at a time',
    page: pages.kinesis,
    async run(stage) {
      const scene = await streamScene(stage, {
        texts: numbered(6),
        play: () => pause(200),
        mapping: { BatchSize: 1 },
      });
      await scene.batches(6);
      equal(atOnce(scene.performer.calls<KinesisEvent>()), 1);
    },
  },
  {
    id: 'event-source-mappings/a-factor-runs-batches-of-a-shard-at-once',
    title: 'With ParallelizationFactor n up to n batches of a shard are in flight',
    page: pages.kinesis,
    async run(stage) {
      const most = atOnce(await inParallel(stage));
      ok(most > 1, 'no two batches ran at once');
      ok(most <= 3, `${most} batches ran at once`);
    },
  },
  {
    id: 'event-source-mappings/a-factor-keeps-the-order-of-each-partition-key',
    title: 'With ParallelizationFactor > 1 the order of each partition key is kept',
    page: pages.kinesis,
    async run(stage) {
      const texts = (await inParallel(stage)).flatMap(batchOf);
      for (const key of KEYS) {
        const ofKey = texts.filter((text) => text.startsWith(`${key}:`));
        deepEqual(
          ofKey,
          [0, 1, 2].map((n) => `${key}:${n}`),
        );
      }
    },
  },
  {
    id: 'event-source-mappings/a-failing-batch-blocks-its-shard',
    title: 'A failing batch blocks its shard until it succeeds',
    page: pages.kinesis,
    async run(stage) {
      const scene = await streamScene(stage, {
        texts: ['a', 'b'],
        play: (_, attempt) => {
          if (attempt <= 3) throw new Error('not yet');
        },
        mapping: { BatchSize: 1 },
      });
      deepEqual(await scene.untilDelivered('b'), [['a'], ['a'], ['a'], ['a'], ['b']]);
    },
  },
  {
    id: 'event-source-mappings/a-failing-batch-blocks-no-other-shard',
    title: 'A failing batch blocks no other shard',
    page: pages.kinesis,
    async run(stage) {
      const stream = await stage.stream(2);
      const performer = await stage.function((event: KinesisEvent) => failsOn('poison')(event));
      await stream.put(['poison'], 'key000');
      const keys = numbered(12, 'key').slice(1);
      for (const key of keys) await stream.put([key], key);
      await stage.map(performer, stream.arn, { BatchSize: 1 });
      await stage.eventually('the other shard is delivered', () =>
        performer.calls<KinesisEvent>().some(({ event }) => !textsOf(event).includes('poison'))
          ? true
          : undefined,
      );
      await performer.called(4);
    },
  },
];
