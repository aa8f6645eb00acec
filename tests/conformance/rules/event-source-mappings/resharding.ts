import { deepEqual, ok } from 'node:assert/strict';
import type { Rule } from '../../rule.ts';
import type { Stage } from '../../stage/stage.ts';
import { type KinesisEvent, type Stream, textsOf } from '../../stage/streams.ts';
import { pages } from './pages.ts';
import { numbered } from './stream-scene.ts';

const KEYS = numbered(6, 'key');

const putAll = async (stream: Stream, round: string) => {
  for (const key of KEYS) await stream.put([`${round}:${key}`], key);
};

/** Maps a slow function from the horizon on; what it gets, once everything was delivered. */
async function readAll(stage: Stage, stream: Stream, rounds: number): Promise<string[]> {
  const performer = await stage.function(() => stage.rest(50));
  await stage.map(performer, stream.arn, { BatchSize: 3 });
  return stage.eventually(
    'all records reach the function',
    () => {
      const texts = performer.calls<KinesisEvent>().flatMap(({ event }) => textsOf(event));
      return texts.length >= rounds * KEYS.length ? texts : undefined;
    },
    50_000,
  );
}

function expectParentsFirst(texts: readonly string[]): void {
  const lastOfParents = texts.findLastIndex((text) => text.startsWith('parent:'));
  const firstOfChildren = texts.findIndex((text) => text.startsWith('child:'));
  ok(lastOfParents < firstOfChildren, `a child was read before its parent ended: ${texts}`);
}

export const resharding: readonly Rule[] = [
  {
    id: 'event-source-mappings/a-split-shard-is-read-before-its-children',
    title: 'A shard that was split is read to its end before its children',
    page: pages.resharding,
    async run(stage) {
      const stream = await stage.stream(1);
      await putAll(stream, 'parent');
      await stream.split('shardId-000000000000');
      await putAll(stream, 'child');
      expectParentsFirst(await readAll(stage, stream, 2));
    },
  },
  {
    id: 'event-source-mappings/merged-shards-are-read-before-their-child',
    title: 'Shards that were merged are both read to their ends before their child',
    page: pages.resharding,
    async run(stage) {
      const stream = await stage.stream(2);
      await putAll(stream, 'parent');
      await stream.merge('shardId-000000000000', 'shardId-000000000001');
      await putAll(stream, 'child');
      expectParentsFirst(await readAll(stage, stream, 2));
    },
  },
  {
    id: 'event-source-mappings/a-mapping-follows-a-split',
    title: 'A mapping goes on with the children of a shard that is split while it reads',
    page: pages.resharding,
    async run(stage) {
      const stream = await stage.stream(1);
      const performer = await stage.function(() => null);
      await stage.map(performer, stream.arn);
      await putAll(stream, 'parent');
      await performer.called(1);
      await stream.split('shardId-000000000000');
      await putAll(stream, 'child');
      const texts = await stage.eventually(
        'all records reach the function',
        () => {
          const all = performer.calls<KinesisEvent>().flatMap(({ event }) => textsOf(event));
          return all.length >= 2 * KEYS.length ? all : undefined;
        },
        50_000,
      );
      for (const key of KEYS) {
        const ofKey = texts.filter((text) => text.endsWith(`:${key}`));
        deepEqual(ofKey, [`parent:${key}`, `child:${key}`]);
      }
    },
  },
];
