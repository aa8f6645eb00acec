import { deepEqual, equal, match, ok } from 'node:assert/strict';
import type { Rule } from '../../rule.ts';
import { pages } from './pages.ts';
import { failsOn, type StreamScene, streamScene } from './stream-scene.ts';

type Discarded = Record<string, unknown> & {
  readonly requestContext?: Record<string, unknown>;
  readonly KinesisBatchInfo?: Record<string, unknown>;
  readonly DDBStreamBatchInfo?: Record<string, unknown>;
};

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

const poisoned = (stage: Parameters<Rule['run']>[0], destination: string) =>
  streamScene(stage, {
    texts: ['a', 'poison'],
    play: failsOn('poison'),
    mapping: {
      BatchSize: 10,
      MaximumRetryAttempts: 1,
      DestinationConfig: { OnFailure: { Destination: destination } },
    },
  });

/** Everything that the page names, with nothing left to chance but identifiers and instants. */
async function expectDiscarded(scene: StreamScene, found: Discarded, more: string[] = []) {
  const { requestContext, KinesisBatchInfo: batch } = found;
  const [first, last] =
    scene.performer.calls<{
      Records: { kinesis: { sequenceNumber: string } }[];
    }>()[0]?.event.Records ?? [];
  const fields = ['KinesisBatchInfo', 'requestContext', 'responseContext', 'timestamp', 'version'];
  deepEqual(Object.keys(found).sort(), [...fields, ...more].sort());
  equal(found.version, '1.0');
  match(String(found.timestamp), INSTANT);
  const { requestId, ...context } = requestContext ?? {};
  match(String(requestId), /^[0-9a-f-]{36}$/);
  deepEqual(context, {
    functionArn: scene.performer.arn,
    condition: 'RetryAttemptsExhausted',
    approximateInvokeCount: 2,
  });
  deepEqual(found.responseContext, {
    statusCode: 200,
    executedVersion: '$LATEST',
    functionError: 'Unhandled',
  });
  const { approximateArrivalOfFirstRecord, approximateArrivalOfLastRecord, ...rest } = batch ?? {};
  match(String(approximateArrivalOfFirstRecord), INSTANT);
  match(String(approximateArrivalOfLastRecord), INSTANT);
  deepEqual(rest, {
    shardId: 'shardId-000000000000',
    startSequenceNumber: first?.kinesis.sequenceNumber,
    endSequenceNumber: last?.kinesis.sequenceNumber,
    batchSize: 2,
    streamArn: scene.stream.arn,
  });
}

export const destinations: readonly Rule[] = [
  {
    id: 'event-source-mappings/a-queue-gets-the-metadata-of-discarded-records',
    title: 'An SQS queue gets the documented metadata of a discarded batch, without its records',
    page: pages.kinesisFailures,
    async run(stage) {
      const queue = await stage.queue();
      const scene = await poisoned(stage, queue.arn);
      const { Body = '{}' } = await queue.next();
      await expectDiscarded(scene, JSON.parse(Body) as Discarded);
    },
  },
  {
    id: 'event-source-mappings/a-topic-gets-the-metadata-of-discarded-records',
    title: 'An SNS topic gets the documented metadata of a discarded batch',
    page: pages.kinesisFailures,
    async run(stage) {
      const topic = await stage.topic();
      const scene = await poisoned(stage, topic.arn);
      const { Body = '{}' } = await topic.queue.next();
      const { Message } = JSON.parse(Body) as { Message: string };
      await expectDiscarded(scene, JSON.parse(Message) as Discarded);
    },
  },
  {
    id: 'event-source-mappings/a-bucket-gets-discarded-records-with-their-payload',
    title: 'An S3 bucket gets the metadata and the whole event, under the documented key',
    page: pages.dynamodbFailures,
    async run(stage) {
      const bucket = await stage.bucket();
      const scene = await poisoned(stage, bucket.arn);
      const key = await stage.eventually('an object', async () => (await bucket.keys())[0]);
      match(
        key,
        /^aws\/lambda\/[0-9a-f-]{36}\/shardId-000000000000\/\d{4}\/\d\d\/\d\d\/\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d-[0-9a-f-]{36}$/,
      );
      const { payload, ...found } = JSON.parse(await bucket.text(key)) as Discarded;
      await expectDiscarded(scene, found);
      const event: unknown = typeof payload === 'string' ? JSON.parse(payload) : payload;
      deepEqual(event, scene.performer.calls()[0]?.event);
    },
  },
  {
    id: 'event-source-mappings/a-table-s-discarded-records-are-told-as-its-own',
    title: 'Discarded records of a DynamoDB stream are told in DDBStreamBatchInfo',
    page: pages.dynamodbFailures,
    async run(stage) {
      const [queue, table] = [await stage.queue(), await stage.table()];
      await table.put({ id: 'poison' });
      const performer = await stage.function(() => {
        throw new Error('poison');
      });
      await stage.map(performer, table.streamArn, {
        MaximumRetryAttempts: 0,
        DestinationConfig: { OnFailure: { Destination: queue.arn } },
      });
      const { Body = '{}' } = await queue.next();
      const { DDBStreamBatchInfo: batch, requestContext } = JSON.parse(Body) as Discarded;
      equal(requestContext?.condition, 'RetryAttemptsExhausted');
      equal(batch?.streamArn, table.streamArn);
      equal(batch?.batchSize, 1);
      ok(batch?.startSequenceNumber);
      equal(batch?.startSequenceNumber, batch?.endSequenceNumber);
      match(String(batch?.approximateArrivalOfFirstRecord), INSTANT);
      match(String(batch?.shardId), /^shardId-/);
    },
  },
];
