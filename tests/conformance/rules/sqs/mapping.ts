import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Call } from '../../referee.ts';
import type { Rule } from '../../rule.ts';
import { same } from '../expectations.ts';
import {
  bodiesOf,
  consume,
  delivered,
  emptied,
  LONG_VISIBILITY,
  type QueueEvent,
  VISIBILITY_SECONDS,
} from './deliveries.ts';

const EVENT = 'https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html';
const CONFIGURE = 'https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html';
const ERRORS = 'https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html';
const API = 'https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html';
const REDRIVE =
  'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html';

const fail = () => {
  throw new Error('not today');
};

/** The most calls that ran at one time. */
function mostAtOnce(calls: readonly Call[]): number {
  const running = (at: number) =>
    calls.filter(
      ({ startedAt, endedAt = Number.POSITIVE_INFINITY }) => startedAt <= at && at < endedAt,
    );
  return Math.max(...calls.map(({ startedAt }) => running(startedAt).length));
}

/** Whether the implementation takes the mapping. */
const isTaken = (mapped: Promise<unknown>) =>
  mapped.then(
    () => true,
    () => false,
  );

export const mappingRules: readonly Rule[] = [
  {
    id: 'sqs/a-message-arrives-with-its-attributes',
    title: 'The event holds each message with body, attributes and the ARN of its queue',
    page: EVENT,
    async run(stage) {
      const { queue, performer } = await consume(stage, () => undefined);
      const input = {
        QueueUrl: queue.url,
        MessageBody: '주문 #1',
        MessageAttributes: { tenant: { DataType: 'String', StringValue: 'acme' } },
      };
      const sent = await stage.clients.sqs.send(new SendMessageCommand(input));
      const [call] = await performer.called<QueueEvent>(1);
      const [record, ...more] = call?.event.Records ?? [];
      same(more, [], 'further records');
      const { messageId, body, md5OfBody, eventSource, eventSourceARN, awsRegion } = record ?? {};
      same(
        [messageId, body, md5OfBody],
        [sent.MessageId, '주문 #1', sent.MD5OfMessageBody],
        'the message',
      );
      const source = ['aws:sqs', queue.arn, stage.subject.region];
      same([eventSource, eventSourceARN, awsRegion], source, 'the source');
      same(record?.attributes.ApproximateReceiveCount, '1', 'ApproximateReceiveCount');
      same(/^\d{13}$/.test(record?.attributes.SentTimestamp ?? ''), true, 'SentTimestamp in ms');
      const { tenant } = record?.messageAttributes ?? {};
      const { dataType, stringValue } = (tenant ?? {}) as Record<string, unknown>;
      same([dataType, stringValue], ['String', 'acme'], 'the message attribute');
    },
  },
  {
    id: 'sqs/messages-are-deleted-when-the-function-succeeds',
    title: 'What the function succeeded with is deleted and does not come again',
    page: EVENT,
    async run(stage) {
      const { queue, performer } = await consume(
        stage,
        () => undefined,
        {},
        { bodies: ['a', 'b'] },
      );
      await delivered(stage, performer, 2);
      await emptied(stage, queue);
      same(bodiesOf(performer).toSorted(), ['a', 'b'], 'the deliveries');
    },
  },
  {
    id: 'sqs/a-failed-batch-comes-again-after-the-visibility-timeout',
    title: 'A failed batch comes again when its visibility timeout has run out, not before',
    page: ERRORS,
    async run(stage) {
      const play = (_: QueueEvent, attempt: number) => (attempt === 1 ? fail() : undefined);
      const { performer } = await consume(stage, play, {}, { bodies: ['a'] });
      const [first, second] = await performer.called<QueueEvent>(2);
      const counts = [first, second].map(
        (call) => call?.event.Records[0]?.attributes.ApproximateReceiveCount,
      );
      same(counts, ['1', '2'], 'receive counts');
      const received = second?.event.Records[0]?.attributes.ApproximateFirstReceiveTimestamp;
      const waited = (second?.startedAt ?? 0) - Number(received);
      const isLate = waited >= VISIBILITY_SECONDS * 1000;
      same(isLate, true, `came again after ${waited} ms: later than ${VISIBILITY_SECONDS} s`);
    },
  },
  {
    id: 'sqs/a-timeout-is-a-failure',
    title: 'A batch whose function runs into its timeout comes again',
    page: ERRORS,
    async run(stage) {
      const play = (_: QueueEvent, attempt: number) =>
        attempt === 1 ? stage.rest(2_500) : undefined;
      const options = { bodies: ['a'], function: { timeoutSeconds: 1 } };
      const { performer } = await consume(stage, play, {}, options);
      same(await delivered(stage, performer, 2), ['a', 'a'], 'the deliveries');
    },
  },
  {
    id: 'sqs/max-receive-count-moves-a-message-to-the-dead-letter-queue',
    title: 'A message that failed maxReceiveCount times goes to the dead-letter queue, unchanged',
    page: REDRIVE,
    async run(stage) {
      const dead = await stage.queue();
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 2 });
      const queue = { RedrivePolicy, VisibilityTimeout: '4' };
      const { performer } = await consume(stage, fail, {}, { queue, bodies: ['poison'] });
      const message = await dead.next(25_000);
      same(message.Body, 'poison', 'the dead letter');
      same(bodiesOf(performer), ['poison', 'poison'], 'the deliveries before');
    },
  },
  {
    id: 'sqs/more-than-10-messages-need-a-batching-window',
    title: 'A batch size above 10 without a batching window of at least 1 s is refused',
    page: API,
    async run(stage) {
      const queue = await stage.queue();
      const performer = await stage.function(() => undefined);
      const map = (settings: object) => isTaken(stage.map(performer, queue.arn, settings));
      same(await map({ BatchSize: 11 }), false, 'taken without a window');
      const window = { BatchSize: 11, MaximumBatchingWindowInSeconds: 1 };
      same(await map(window), true, 'taken with a window');
    },
  },
  {
    id: 'sqs/a-batching-window-collects-more-than-one-reception',
    title: 'With a batching window one invocation gets more than 10 messages',
    page: CONFIGURE,
    async run(stage) {
      const bodies = Array.from({ length: 30 }, (_, index) => `message ${index}`);
      const options = { bodies, queue: LONG_VISIBILITY };
      const window = { BatchSize: 100, MaximumBatchingWindowInSeconds: 2 };
      const { performer } = await consume(stage, () => undefined, window, options);
      const seen = await delivered(stage, performer, bodies.length);
      same(seen.toSorted(), bodies.toSorted(), 'the messages');
      const sizes = performer.calls<QueueEvent>().map(({ event }) => event.Records.length);
      same(Math.max(...sizes) > 10, true, `batches of ${sizes.join(', ')}: one above 10`);
    },
  },
  {
    id: 'sqs/a-queue-must-hide-messages-for-the-functions-timeout',
    title: 'A mapping is refused while the visibility timeout is shorter than the function’s',
    page: CONFIGURE,
    async run(stage) {
      const queue = await stage.queue({ VisibilityTimeout: '5' });
      const performer = await stage.function(() => undefined, { timeoutSeconds: 6 });
      same(await isTaken(stage.map(performer, queue.arn)), false, 'taken');
    },
  },
  {
    id: 'sqs/a-message-that-no-filter-wants-is-deleted',
    title: 'Messages that match no filter are deleted without an invocation',
    page: 'https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-filtering.html',
    async run(stage) {
      const bodies = ['{"type":"order"}', '{"type":"click"}', 'no JSON'];
      const FilterCriteria = { Filters: [{ Pattern: '{"body":{"type":["order"]}}' }] };
      const options = { bodies, queue: LONG_VISIBILITY };
      const { queue, performer } = await consume(
        stage,
        () => undefined,
        { FilterCriteria },
        options,
      );
      await delivered(stage, performer, 1);
      await emptied(stage, queue);
      same(bodiesOf(performer), ['{"type":"order"}'], 'the deliveries');
    },
  },
  {
    id: 'sqs/maximum-concurrency-limits-the-batches-at-once',
    title: 'No more batches than MaximumConcurrency are at the function at one time',
    page: 'https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html',
    async run(stage) {
      const bodies = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
      const settings = { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } };
      const options = { bodies, queue: LONG_VISIBILITY };
      const { performer } = await consume(stage, () => stage.rest(400), settings, options);
      const seen = await delivered(stage, performer, bodies.length);
      same(seen.toSorted(), bodies, 'the messages');
      const most = mostAtOnce(performer.calls());
      same(most <= 2, true, `${most} at once: no more than 2`);
    },
  },
  {
    id: 'sqs/throttled-messages-come-later',
    title: 'Messages that the reserved concurrency refuses are delivered later, none is lost',
    page: ERRORS,
    async run(stage) {
      const bodies = ['a', 'b', 'c', 'd'];
      const options = { bodies, function: { reservedConcurrency: 1 } };
      const { queue, performer } = await consume(
        stage,
        () => stage.rest(300),
        { BatchSize: 1 },
        options,
      );
      await emptied(stage, queue, 45_000);
      same([...new Set(bodiesOf(performer))].toSorted(), bodies, 'the messages');
      same(mostAtOnce(performer.calls()), 1, 'calls at once');
    },
  },
];
