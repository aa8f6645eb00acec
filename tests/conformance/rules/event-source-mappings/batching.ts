import { deepEqual, equal, ok } from 'node:assert/strict';
import { PutRecordCommand } from '@aws-sdk/client-kinesis';
import type { Rule } from '../../rule.ts';
import type { KinesisEvent } from '../../stage/streams.ts';
import { pages } from './pages.ts';
import { numbered, streamScene } from './stream-scene.ts';

const MEBIBYTE = 1024 * 1024;

export const batching: readonly Rule[] = [
  {
    id: 'event-source-mappings/a-batch-has-100-records-by-default',
    title: 'A batch has at most 100 records by default',
    page: pages.kinesisParameters,
    async run(stage) {
      const texts = numbered(130);
      const scene = await streamScene(stage, { texts, play: () => null });
      // All are in the stream before the mapping reads it: its first batch is a full one.
      const [first] = await scene.batches(1);
      equal(first?.length, 100);
    },
  },
  {
    id: 'event-source-mappings/a-batch-has-at-most-the-batch-size',
    title: 'A batch has at most BatchSize records',
    page: pages.createMapping,
    async run(stage) {
      const texts = numbered(7);
      const mapping = { BatchSize: 3 };
      const scene = await streamScene(stage, { texts, play: () => null, mapping });
      deepEqual(
        (await scene.untilDelivered('r006')).map(({ length }) => length),
        [3, 3, 1],
      );
    },
  },
  {
    id: 'event-source-mappings/without-a-window-a-batch-fires-at-once',
    title: 'Without a batching window the function is invoked as soon as there are records',
    page: pages.kinesis,
    async run(stage) {
      const scene = await streamScene(stage, { texts: ['a'], play: () => null });
      deepEqual(await scene.batches(1, 10_000), [['a']]);
    },
  },
  {
    id: 'event-source-mappings/a-full-batch-fires-before-its-window-ends',
    title: 'A batch fires when it is full, before the batching window has passed',
    page: pages.batching,
    async run(stage) {
      const mapping = { BatchSize: 4, MaximumBatchingWindowInSeconds: 300 };
      const scene = await streamScene(stage, { texts: numbered(4), play: () => null, mapping });
      deepEqual(await scene.batches(1), [numbered(4)]);
    },
  },
  {
    id: 'event-source-mappings/a-batch-fires-when-its-window-has-passed',
    title: 'A batch that is not full gathers records until the batching window has passed',
    page: pages.batching,
    async run(stage) {
      const mapping = { BatchSize: 100, MaximumBatchingWindowInSeconds: 4 };
      const scene = await streamScene(stage, { texts: ['a'], play: () => null, mapping });
      const startedAt = Date.now();
      await stage.rest(1_000);
      await scene.stream.put(['b']);
      deepEqual(await scene.batches(1), [['a', 'b']]);
      const waitedMs = (scene.performer.calls()[0]?.startedAt ?? 0) - startedAt;
      ok(waitedMs > 2_000, `it fired after ${waitedMs} ms of a window of 4 s`);
    },
  },
  {
    id: 'event-source-mappings/a-batch-fires-at-6-mb',
    title: 'A batch fires at 6 MB of payload, before it is full and its window has passed',
    page: pages.batching,
    limitMs: 90_000,
    async run(stage) {
      const stream = await stage.stream();
      const performer = await stage.function(() => null);
      const mapping = { BatchSize: 100, MaximumBatchingWindowInSeconds: 300 };
      await stage.map(performer, stream.arn, mapping);
      // In base64 each is 1.2 MB: five fit, and the sixth closes the batch.
      const record = { StreamName: stream.name, PartitionKey: 'key' };
      const Data = Buffer.alloc(0.9 * MEBIBYTE, 'x');
      for (let count = 0; count < 7; count += 1) {
        await stage.eventually('the shard takes the record', () =>
          stage.clients.kinesis
            .send(new PutRecordCommand({ ...record, Data }))
            .catch(() => undefined),
        );
      }
      const [call] = await performer.called<KinesisEvent>(1);
      const bytes = Buffer.byteLength(JSON.stringify(call?.event));
      ok(bytes <= 6 * MEBIBYTE, `the payload has ${bytes} bytes`);
      ok((call?.event.Records.length ?? 0) >= 4, 'it fired long before 6 MB');
    },
  },
  {
    id: 'event-source-mappings/a-batch-is-of-one-shard',
    title: 'All records of a batch come from one shard',
    page: pages.kinesis,
    async run(stage) {
      const stream = await stage.stream(2);
      for (const key of numbered(20, 'key')) await stream.put([key], key);
      const performer = await stage.function(() => null);
      await stage.map(performer, stream.arn);
      const shards = await stage.eventually('all records reach the function', () => {
        const calls = performer.calls<KinesisEvent>();
        const count = calls.reduce((sum, { event }) => sum + event.Records.length, 0);
        if (count < 20) return undefined;
        return calls.map(
          ({ event }) => new Set(event.Records.map(({ eventID }) => eventID.split(':')[0])).size,
        );
      });
      deepEqual([...new Set(shards)], [1]);
    },
  },
  {
    id: 'event-source-mappings/an-event-of-kinesis-has-its-documented-shape',
    title: 'A Kinesis event has the documented fields, its data in base64',
    page: pages.kinesis,
    async run(stage) {
      const scene = await streamScene(stage, { texts: ['안녕'], play: () => null });
      await scene.batches(1);
      const [record] = scene.performer.calls<KinesisEvent>()[0]?.event.Records ?? [];
      const { approximateArrivalTimestamp, sequenceNumber, ...kinesis } = record?.kinesis ?? {};
      deepEqual(kinesis, {
        kinesisSchemaVersion: '1.0',
        partitionKey: 'key',
        data: Buffer.from('안녕').toString('base64'),
      });
      ok(Math.abs((approximateArrivalTimestamp ?? 0) - Date.now() / 1000) < 86_400 * 365);
      equal(record?.eventID, `shardId-000000000000:${sequenceNumber}`);
      equal(record?.eventName, 'aws:kinesis:record');
      equal(record?.eventSource, 'aws:kinesis');
      equal(record?.eventSourceARN, scene.stream.arn);
    },
  },
];
