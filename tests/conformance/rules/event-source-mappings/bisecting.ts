import { deepEqual } from 'node:assert/strict';
import type { Rule } from '../../rule.ts';
import { textsOf } from '../../stage/streams.ts';
import { pages } from './pages.ts';
import { failsOn, streamScene } from './stream-scene.ts';

const LETTERS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

export const bisecting: readonly Rule[] = [
  {
    id: 'event-source-mappings/a-failed-batch-is-split-in-two',
    title: 'With BisectBatchOnFunctionError a failed batch is split until the poison is alone',
    page: pages.kinesisFailures,
    async run(stage) {
      const scene = await streamScene(stage, {
        texts: LETTERS,
        play: failsOn('f'),
        mapping: { BatchSize: 10, BisectBatchOnFunctionError: true, MaximumRetryAttempts: 5 },
      });
      const batches = await scene.untilDelivered('h').then(() =>
        stage.eventually('all but the poison is processed', () => {
          const processed = scene.performer
            .calls<Parameters<typeof textsOf>[0]>()
            .map(({ event }) => textsOf(event))
            .filter((batch) => !batch.includes('f'));
          return processed.flat().length >= 7 ? processed : undefined;
        }),
      );
      deepEqual(
        batches.flat(),
        LETTERS.filter((letter) => letter !== 'f'),
      );
    },
  },
  {
    id: 'event-source-mappings/splitting-uses-up-no-retry',
    title: 'Splitting uses up no retry: with one retry, eight records are still split to one',
    page: pages.kinesisFailures,
    async run(stage) {
      const queue = await stage.queue();
      const scene = await streamScene(stage, {
        texts: LETTERS,
        play: failsOn('f'),
        mapping: {
          BatchSize: 10,
          BisectBatchOnFunctionError: true,
          MaximumRetryAttempts: 1,
          DestinationConfig: { OnFailure: { Destination: queue.arn } },
        },
      });
      await scene.batches(3);
      const { Body = '{}' } = await queue.next();
      const { KinesisBatchInfo } = JSON.parse(Body) as { KinesisBatchInfo?: { batchSize: number } };
      deepEqual(KinesisBatchInfo?.batchSize, 1);
    },
  },
  {
    id: 'event-source-mappings/a-reported-failure-is-where-the-batch-is-split',
    title:
      'With ReportBatchItemFailures as well, the batch is split at the reported record and only what is left is retried',
    page: pages.partialResponses,
    async run(stage) {
      const scene = await streamScene(stage, {
        texts: LETTERS,
        play: ({ Records }, attempt) => ({
          batchItemFailures:
            attempt === 1 ? [{ itemIdentifier: Records[4]?.kinesis.sequenceNumber }] : [],
        }),
        mapping: {
          BatchSize: 10,
          BisectBatchOnFunctionError: true,
          FunctionResponseTypes: ['ReportBatchItemFailures'],
        },
      });
      await scene.batches(2);
      await scene.stream.put(['z']);
      deepEqual((await scene.untilDelivered('z')).flat(), [...LETTERS, 'e', 'f', 'g', 'h', 'z']);
    },
  },
  {
    id: 'event-source-mappings/without-bisecting-a-batch-stays-whole',
    title: 'Without bisecting a batch is retried, and discarded, as a whole',
    page: pages.kinesisFailures,
    async run(stage) {
      const scene = await streamScene(stage, {
        texts: LETTERS,
        play: failsOn('f'),
        mapping: { BatchSize: 10, MaximumRetryAttempts: 1 },
      });
      await scene.batches(2);
      await scene.stream.put(['z']);
      deepEqual(await scene.untilDelivered('z'), [LETTERS, LETTERS, ['z']]);
    },
  },
];
