import { deepEqual, ok } from 'node:assert/strict';
import { NotObservable, type Rule } from '../../rule.ts';
import type { Stage } from '../../stage/stage.ts';
import { pages } from './pages.ts';
import { failsOn, streamScene } from './stream-scene.ts';

/** @throws NotObservable where the implementation is not ours to kill */
async function crash({ subject }: Stage): Promise<void> {
  if (!subject.crash) throw new NotObservable('it cannot be killed and started again from here');
  await subject.crash();
}

export const durability: readonly Rule[] = [
  {
    id: 'event-source-mappings/what-succeeded-is-not-delivered-again-after-a-crash',
    title: 'A mapping goes on after its last checkpoint when its poller dies',
    page: pages.kinesis,
    alone: true,
    async run(stage) {
      const scene = await streamScene(stage, { texts: ['a', 'b'], play: () => null });
      await scene.untilDelivered('b');
      // Between the answer and the checkpoint a crash delivers again: at least once allows that.
      await stage.rest(500);
      await crash(stage);
      await scene.stream.put(['c']);
      deepEqual(await scene.untilDelivered('c'), [['a', 'b'], ['c']]);
    },
  },
  {
    id: 'event-source-mappings/what-did-not-succeed-is-delivered-again-after-a-crash',
    title: 'A batch that was in flight when its poller died is delivered again: at least once',
    page: pages.kinesis,
    alone: true,
    async run(stage) {
      let down = () => {};
      const dead = new Promise<void>((resolve) => {
        down = resolve;
      });
      const scene = await streamScene(stage, {
        texts: ['a', 'b'],
        play: (_, attempt) => (attempt === 1 ? dead : null),
      });
      await stage.eventually('the batch is in flight', () => scene.performer.calls()[0]);
      await crash(stage);
      down();
      deepEqual(await scene.batches(2), [
        ['a', 'b'],
        ['a', 'b'],
      ]);
    },
  },
  {
    id: 'event-source-mappings/retries-are-bounded-over-crashes',
    title: 'MaximumRetryAttempts holds although the poller dies between the tries',
    page: pages.kinesisFailures,
    alone: true,
    async run(stage) {
      const scene = await streamScene(stage, {
        texts: ['poison', 'b'],
        play: failsOn('poison'),
        mapping: { BatchSize: 1, MaximumRetryAttempts: 3 },
      });
      await scene.batches(2);
      await crash(stage);
      const batches = await scene.untilDelivered('b', 40_000);
      const tries = batches.filter(([text]) => text === 'poison').length;
      // A try whose answer died with the poller may be made once more.
      ok(tries <= 5, `the poison was tried ${tries} times instead of 4`);
    },
  },
];
