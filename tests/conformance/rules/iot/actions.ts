import type { Rule } from '../../rule.ts';
import { same } from '../expectations.ts';
import { createRule, openRule, publish } from './rule-scene.ts';

const ERRORS = 'https://docs.aws.amazon.com/iot/latest/developerguide/rule-error-handling.html';
const LAMBDA = 'https://docs.aws.amazon.com/iot/latest/developerguide/lambda-rule-action.html';
const SILENCE_MS = 1_500;

const toQueue = (QueueUrl: string) => ({ Sqs: { QueueUrl, RoleArn: ROLE, UseBase64: false } });
const ROLE = 'arn:aws:iam::000000000000:role/conformance';

export const actionRules: readonly Rule[] = [
  {
    id: 'iot/a-failed-action-is-told-to-the-error-action-once',
    title: 'However many actions of a rule fail, its error action gets one message per message',
    page: ERRORS,
    async run(stage) {
      const [results, errors] = [await stage.queue(), await stage.queue()];
      const topic = stage.name('topic');
      const absent = results.url.replace(/[^/]+$/, stage.name('absent'));
      const missing = {
        Kinesis: { StreamName: stage.name('absent'), PartitionKey: 'a', RoleArn: ROLE },
      };
      const actions = [toQueue(results.url), toQueue(absent), missing];
      const ruleName = await createRule(
        stage,
        `SELECT * FROM '${topic}'`,
        actions,
        toQueue(errors.url),
      );
      await publish(stage, topic, '{"a":1}');
      same(JSON.parse((await results.next()).Body ?? ''), { a: 1 }, 'the action that works');
      const first = await errors.next();
      await stage.rest(SILENCE_MS);
      same((await errors.drain()).length, 0, 'further error messages');
      const message = JSON.parse(first.Body ?? '');
      const { failures, cloudwatchTraceId, base64OriginalPayload } = message;
      same([message.ruleName, message.topic], [ruleName, topic], 'the rule and the topic');
      const payload = Buffer.from('{"a":1}').toString('base64');
      same(base64OriginalPayload, payload, 'base64OriginalPayload');
      same(typeof cloudwatchTraceId, 'string', 'cloudwatchTraceId');
      const failed = failures.map((failure: Record<string, string>) => failure.failedAction);
      same(failed.toSorted(), ['KinesisAction', 'SqsAction'], 'the failed actions');
      const described = failures.every(
        ({ failedResource, errorMessage }: Record<string, unknown>) =>
          typeof failedResource === 'string' && typeof errorMessage === 'string',
      );
      same(described, true, 'each names its resource and its error');
    },
  },
  {
    id: 'iot/no-error-action-where-nothing-failed',
    title: 'The error action gets nothing where every action succeeds',
    page: ERRORS,
    async run(stage) {
      const [results, errors] = [await stage.queue(), await stage.queue()];
      const topic = stage.name('topic');
      const sql = `SELECT * FROM '${topic}'`;
      await createRule(stage, sql, [toQueue(results.url)], toQueue(errors.url));
      await publish(stage, topic, '{"a":1}');
      await results.next();
      await stage.rest(SILENCE_MS);
      same(await errors.drain(), [], 'error messages');
    },
  },
  {
    id: 'iot/the-lambda-action-is-asynchronous',
    title: 'A rule invokes its function asynchronously: a function that fails is tried again',
    page: LAMBDA,
    movesClock: true,
    limitMs: 120_000,
    async run(stage) {
      const { topic, performer } = await openRule(stage, '*');
      performer.perform((_: unknown, attempt: number) => {
        if (attempt === 1) throw new Error('not today');
      });
      await publish(stage, topic, '{"a":1}');
      await performer.called(1);
      await stage.pass(61_000);
      const calls = await performer.called(2);
      same(
        calls.map(({ event }) => event),
        [{ a: 1 }, { a: 1 }],
        'the events',
      );
    },
  },
  {
    id: 'iot/every-rule-that-matches-runs',
    title: 'A message runs every rule whose topic filter matches',
    page: 'https://docs.aws.amazon.com/iot/latest/developerguide/iot-rules.html',
    async run(stage) {
      const topic = stage.name('topic');
      const first = await openRule(stage, () => `SELECT a FROM '${topic}'`);
      const second = await openRule(stage, () => `SELECT b FROM '${topic}'`);
      await publish(stage, topic, '{"a":1,"b":2}');
      same(await first.events(1), [{ a: 1 }], 'the first rule');
      same(await second.events(1), [{ b: 2 }], 'the second rule');
    },
  },
];
