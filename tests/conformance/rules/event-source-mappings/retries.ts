import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import type { Rule } from '../../rule.ts';
import { pages } from './pages.ts';
import { failsOn, streamScene } from './stream-scene.ts';

const HOURS = 3_600_000;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const triesThenGoesOn = (attempts: number): Rule => ({
  id: `event-source-mappings/${attempts}-retries-are-${attempts + 1}-tries`,
  title: `With MaximumRetryAttempts ${attempts} a batch is tried ${attempts + 1} times, then discarded; the shard goes on`,
  page: pages.kinesisFailures,
  async run(stage) {
    const scene = await streamScene(stage, {
      texts: ['poison', 'b'],
      play: failsOn('poison'),
      mapping: { BatchSize: 1, MaximumRetryAttempts: attempts },
    });
    const tries = Array.from({ length: attempts + 1 }, () => ['poison']);
    deepEqual(await scene.untilDelivered('b'), [...tries, ['b']]);
  },
});

export const retries: readonly Rule[] = [
  {
    id: 'event-source-mappings/a-thrown-error-fails-the-whole-batch',
    title: 'A thrown error is failure of the whole batch: all of it is retried',
    page: pages.kinesis,
    async run(stage) {
      const scene = await streamScene(stage, {
        texts: ['a', 'b', 'c'],
        play: (_, attempt) => {
          if (attempt === 1) throw new Error('at first');
        },
        mapping: { BatchSize: 10 },
      });
      deepEqual(await scene.batches(2), [
        ['a', 'b', 'c'],
        ['a', 'b', 'c'],
      ]);
    },
  },
  {
    id: 'event-source-mappings/a-timeout-fails-the-whole-batch',
    title: 'A function that runs into its timeout failed: the whole batch is retried',
    page: pages.kinesis,
    async run(stage) {
      const scene = await streamScene(stage, {
        texts: ['a', 'b'],
        play: (_, attempt) => (attempt === 1 ? pause(6_000) : null),
        settings: { timeoutSeconds: 3 },
        mapping: { BatchSize: 10 },
      });
      deepEqual((await scene.batches(2, 40_000)).slice(0, 2), [
        ['a', 'b'],
        ['a', 'b'],
      ]);
    },
  },
  triesThenGoesOn(0),
  triesThenGoesOn(2),
  {
    id: 'event-source-mappings/throttles-use-up-no-retry',
    title: 'An invocation that is throttled uses up no retry',
    page: pages.kinesisFailures,
    async run(stage) {
      const stream = await stage.stream();
      const settings = { reservedConcurrency: 1, timeoutSeconds: 20 };
      let free = () => {};
      const freed = new Promise<void>((resolve) => {
        free = resolve;
      });
      const performer = await stage.function(
        (event: { readonly hold?: boolean }) => (event.hold ? freed : null),
        settings,
      );
      const { lambda } = stage.clients;
      const invocation = { FunctionName: performer.name, Payload: JSON.stringify({ hold: true }) };
      const held = lambda.send(new InvokeCommand(invocation));
      held.catch(() => undefined);
      await stage.eventually('the function is busy', () => performer.calls()[0]);
      await stream.put(['a']);
      await stage.map(performer, stream.arn, { BatchSize: 1, MaximumRetryAttempts: 0 });
      await stage.rest(4_000);
      equal(performer.calls().length, 1, 'a second invocation ran beside the reserved one');
      free();
      await held;
      await performer.called(2);
    },
  },
  {
    id: 'event-source-mappings/reserved-concurrency-is-a-limit',
    title: 'More invocations than the reserved concurrency are throttled with status 429',
    page: pages.concurrency,
    async run(stage) {
      const settings = { reservedConcurrency: 1, timeoutSeconds: 20 };
      const performer = await stage.function(() => pause(5_000), settings);
      const invoke = () =>
        stage.clients.lambda.send(
          new InvokeCommand({ FunctionName: performer.name, Payload: '{}' }),
        );
      const first = invoke();
      await stage.eventually('the function is busy', () => performer.calls()[0]);
      const refusal = await invoke().then(
        () => undefined,
        (error: { name: string; $metadata: { httpStatusCode?: number } }) => error,
      );
      await first;
      equal(refusal?.name, 'TooManyRequestsException');
      equal(refusal?.$metadata.httpStatusCode, 429);
    },
  },
  {
    id: 'event-source-mappings/a-poison-record-blocks-until-it-expires',
    title: 'With the default settings a poison record is retried until it leaves the stream',
    page: pages.kinesisFailures,
    movesClock: true,
    async run(stage) {
      const scene = await streamScene(stage, {
        texts: ['poison'],
        play: failsOn('poison'),
        mapping: { BatchSize: 1 },
      });
      await scene.batches(2);
      for (let hour = 0; hour < 23; hour += 1) await stage.pass(HOURS);
      const tries = scene.performer.calls().length;
      await stage.pass(60_000);
      await scene.batches(tries + 1);
      await stage.pass(2 * HOURS);
      await scene.stream.put(['b']);
      const batches = await scene.untilDelivered('b');
      deepEqual(batches.at(-1), ['b']);
      ok(batches.slice(0, -1).every(([text]) => text === 'poison'));
    },
  },
  {
    id: 'event-source-mappings/records-that-are-too-old-are-discarded',
    title:
      'Records older than MaximumRecordAgeInSeconds are discarded although retries are left; the shard goes on',
    page: pages.kinesisFailures,
    movesClock: true,
    limitMs: 120_000,
    async run(stage) {
      const queue = await stage.queue();
      const scene = await streamScene(stage, {
        texts: ['poison'],
        play: failsOn('poison'),
        mapping: {
          BatchSize: 1,
          MaximumRecordAgeInSeconds: 60,
          DestinationConfig: { OnFailure: { Destination: queue.arn } },
        },
      });
      await scene.batches(2);
      await stage.pass(62_000);
      const { Body = '' } = await queue.next();
      match(Body, /"condition":\s*"RecordAgeExceeded"/);
      await scene.stream.put(['b']);
      await scene.untilDelivered('b');
    },
  },
];
