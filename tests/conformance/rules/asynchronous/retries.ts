import type { Rule } from '../../rule.ts';
import type { Performer, Stage } from '../../stage/stage.ts';
import { same } from '../expectations.ts';
import { fail, SILENCE_MS, sendEvent } from './invocations.ts';

const page = 'https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html';
const MINUTE_MS = 60_000;
const MARGIN_MS = 10_000;

/** Lets time pass and says how often the function has been called by then. */
async function callsAfter(stage: Stage, performer: Performer, ms: number): Promise<number> {
  await stage.pass(ms);
  await stage.rest(SILENCE_MS);
  return performer.calls().length;
}

export const retryRules: readonly Rule[] = [
  {
    id: 'asynchronous/the-first-retry-comes-after-a-minute',
    title: 'An event whose function failed is tried again a minute later, not before',
    page,
    movesClock: true,
    limitMs: 120_000,
    async run(stage) {
      const performer = await stage.function(fail, { maximumRetryAttempts: 1 });
      await sendEvent(stage, performer.name, {});
      await performer.called(1);
      same(await callsAfter(stage, performer, MINUTE_MS - MARGIN_MS), 1, 'calls after 50 s');
      await stage.pass(MARGIN_MS);
      await performer.called(2);
    },
  },
  {
    id: 'asynchronous/the-second-retry-comes-two-minutes-after-the-first',
    title: 'Lambda retries twice, one minute and then two minutes later, and gives the event up',
    page,
    movesClock: true,
    limitMs: 120_000,
    async run(stage) {
      const performer = await stage.function(fail);
      await sendEvent(stage, performer.name, {});
      await performer.called(1);
      await stage.pass(MINUTE_MS + MARGIN_MS);
      await performer.called(2);
      const before = await callsAfter(stage, performer, 2 * MINUTE_MS - MARGIN_MS);
      same(before, 2, 'calls 1:50 after the second');
      await stage.pass(2 * MARGIN_MS);
      await performer.called(3);
      same(await callsAfter(stage, performer, 60 * MINUTE_MS), 3, 'calls an hour later');
    },
  },
  {
    id: 'asynchronous/no-retry-where-none-is-wanted',
    title: 'With MaximumRetryAttempts 0 a failed event is given up at once',
    page: 'https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html',
    async run(stage) {
      const failures = await stage.queue();
      const settings = { maximumRetryAttempts: 0, onFailureArn: failures.arn };
      const performer = await stage.function(fail, settings);
      await sendEvent(stage, performer.name, {});
      await failures.next();
      same(performer.calls().length, 1, 'calls');
    },
  },
  {
    id: 'asynchronous/a-retry-that-succeeds-ends-it',
    title: 'The retry gets the same event, and its success is the end of it',
    page,
    movesClock: true,
    limitMs: 120_000,
    async run(stage) {
      const performer = await stage.function((_: unknown, attempt: number) =>
        attempt === 1 ? fail() : undefined,
      );
      await sendEvent(stage, performer.name, { n: 1 });
      await performer.called(1);
      await stage.pass(MINUTE_MS + 1_000);
      const calls = await performer.called(2);
      same(
        calls.map(({ event }) => event),
        [{ n: 1 }, { n: 1 }],
        'the events',
      );
    },
  },
  {
    id: 'asynchronous/an-event-that-is-too-old-is-given-up',
    title: 'An event older than MaximumEventAgeInSeconds is not tried again: EventAgeExceeded',
    page,
    movesClock: true,
    limitMs: 120_000,
    async run(stage) {
      const failures = await stage.queue();
      const settings = { maximumEventAgeSeconds: 60, onFailureArn: failures.arn };
      const performer = await stage.function(fail, settings);
      await sendEvent(stage, performer.name, {});
      await performer.called(1);
      await stage.pass(MINUTE_MS + MARGIN_MS);
      const record = JSON.parse((await failures.next()).Body ?? '');
      same(record.requestContext?.condition, 'EventAgeExceeded', 'the condition');
      same(performer.calls().length, 1, 'calls');
    },
  },
  {
    id: 'asynchronous/throttled-events-use-up-no-attempt',
    title: 'Events that the reserved concurrency refuses wait; they use up no attempt',
    page,
    async run(stage) {
      const failures = await stage.queue();
      const performer = await stage.function(() => stage.rest(700), {
        ...{ reservedConcurrency: 1, maximumRetryAttempts: 0 },
        onFailureArn: failures.arn,
      });
      for (const n of [1, 2, 3]) await sendEvent(stage, performer.name, { n });
      const calls = await performer.called<{ n: number }>(3, 30_000);
      same(calls.map(({ event }) => event.n).toSorted(), [1, 2, 3], 'the events');
      const overlapping = calls.filter(({ startedAt }, index) =>
        calls.some(
          (other, position) =>
            position < index && startedAt >= other.startedAt && startedAt < (other.endedAt ?? 0),
        ),
      );
      same(overlapping.length, 0, 'calls at the same time');
      same(await failures.drain(), [], 'events given up');
    },
  },
];
