import type { Rule } from '../../rule.ts';
import type { Performer } from '../../stage/stage.ts';
import { same } from '../expectations.ts';
import { fail, SILENCE_MS, sendEvent } from './invocations.ts';

const page = 'https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html';
const EVENT = { order: '주문 1', lines: [1, 2] };
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

interface InvocationRecord {
  readonly version: string;
  readonly timestamp: string;
  readonly requestContext: {
    readonly requestId: string;
    readonly functionArn: string;
    readonly condition: string;
    readonly approximateInvokeCount: number;
  };
  readonly requestPayload: unknown;
  readonly responseContext?: Readonly<Record<string, unknown>>;
  readonly responsePayload?: unknown;
}

/** Checks everything that AWS documents of a record but the response's payload. */
function checkRecord(record: InvocationRecord, performer: Performer, condition: string): void {
  const failed = condition !== 'Success';
  const { timestamp, requestContext, responsePayload: _, ...rest } = record;
  const { requestId, ...context } = requestContext;
  same(INSTANT.test(timestamp), true, `timestamp ${timestamp} is ISO 8601`);
  same(UUID.test(requestId), true, `requestId ${requestId} is a UUID`);
  const functionArn = `${performer.arn}:$LATEST`;
  same(context, { functionArn, condition, approximateInvokeCount: 1 }, 'requestContext');
  const responseContext = {
    ...{ statusCode: 200, executedVersion: '$LATEST' },
    ...(failed && { functionError: 'Unhandled' }),
  };
  same(rest, { version: '1.0', requestPayload: EVENT, responseContext }, 'the record');
}

export const destinationRules: readonly Rule[] = [
  {
    id: 'asynchronous/a-failed-event-goes-to-its-destination',
    title: 'The on-failure destination gets the event with its error: condition RetriesExhausted',
    page,
    async run(stage) {
      const failures = await stage.queue();
      const settings = { maximumRetryAttempts: 0, onFailureArn: failures.arn };
      const performer = await stage.function(fail, settings);
      await sendEvent(stage, performer.name, EVENT);
      const record = JSON.parse((await failures.next()).Body ?? '') as InvocationRecord;
      checkRecord(record, performer, 'RetriesExhausted');
      const { errorMessage, errorType } = record.responsePayload as Record<string, unknown>;
      same([errorMessage, errorType], ['not today', 'Error'], 'responsePayload');
    },
  },
  {
    id: 'asynchronous/a-handled-event-goes-to-its-destination',
    title: 'The on-success destination gets the event with its result: condition Success',
    page,
    async run(stage) {
      const successes = await stage.queue();
      const performer = await stage.function(() => ({ total: 3 }), { onSuccessArn: successes.arn });
      await sendEvent(stage, performer.name, EVENT);
      const record = JSON.parse((await successes.next()).Body ?? '') as InvocationRecord;
      checkRecord(record, performer, 'Success');
      same(record.responsePayload, { total: 3 }, 'responsePayload');
    },
  },
  {
    id: 'asynchronous/a-topic-as-destination',
    title: 'A topic as on-failure destination publishes the record',
    page,
    async run(stage) {
      const topic = await stage.topic();
      const settings = { maximumRetryAttempts: 0, onFailureArn: topic.arn };
      const performer = await stage.function(fail, settings);
      await sendEvent(stage, performer.name, EVENT);
      const envelope = JSON.parse((await topic.queue.next()).Body ?? '');
      checkRecord(JSON.parse(envelope.Message), performer, 'RetriesExhausted');
    },
  },
  {
    id: 'asynchronous/a-function-as-destination',
    title: 'A function as on-success destination gets the record as its event',
    page,
    async run(stage) {
      const next = await stage.function(() => undefined);
      const performer = await stage.function(() => 'done', { onSuccessArn: next.arn });
      await sendEvent(stage, performer.name, EVENT);
      const [call] = await next.called<InvocationRecord>(1);
      if (call) checkRecord(call.event, performer, 'Success');
      same(call?.event.responsePayload, 'done', 'responsePayload');
    },
  },
  {
    id: 'asynchronous/a-bucket-as-destination',
    title: 'A bucket as on-failure destination gets the record as an object named by its instant',
    page,
    async run(stage) {
      const bucket = await stage.bucket();
      const settings = { maximumRetryAttempts: 0, onFailureArn: bucket.arn };
      const performer = await stage.function(fail, settings);
      await sendEvent(stage, performer.name, EVENT);
      const key = await stage.eventually('an object', async () => (await bucket.keys())[0]);
      const name = key.replace(`aws/lambda/async/${performer.name}/`, '');
      const pattern =
        /^\d{4}\/\d\d\/\d\d\/\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
      same(pattern.test(name), true, `the key ${key} is AWS's`);
      checkRecord(JSON.parse(await bucket.text(key)), performer, 'RetriesExhausted');
    },
  },
  {
    id: 'asynchronous/reserved-concurrency-0-sends-events-to-the-destination',
    title: 'With reserved concurrency 0 events go to the on-failure destination without any call',
    page,
    async run(stage) {
      const failures = await stage.queue();
      const settings = { reservedConcurrency: 0, onFailureArn: failures.arn };
      const performer = await stage.function(() => undefined, settings);
      await sendEvent(stage, performer.name, EVENT);
      const record = JSON.parse((await failures.next()).Body ?? '') as InvocationRecord;
      same(record.requestPayload, EVENT, 'requestPayload');
      await stage.rest(SILENCE_MS);
      same(performer.calls().length, 0, 'calls');
    },
  },
];
