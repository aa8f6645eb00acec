import { InvokeCommand } from '@aws-sdk/client-lambda';
import type { Rule } from '../../rule.ts';
import { refusal, same } from '../expectations.ts';
import { fail, SILENCE_MS, sendEvent } from './invocations.ts';

const API = 'https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html';
const LIMITS = 'https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html';
const MIB = 1024 ** 2;

/** A JSON event of so many bytes. */
const eventOf = (bytes: number) => Buffer.from(JSON.stringify('x'.repeat(bytes - 2)));

export const requestRules: readonly Rule[] = [
  {
    id: 'asynchronous/an-event-is-accepted-before-it-is-handled',
    title: 'InvocationType Event answers 202 and does not wait for the function',
    page: API,
    async run(stage) {
      const performer = await stage.function(() => stage.rest(3_000));
      same(await sendEvent(stage, performer.name, { n: 1 }), 202, 'the status');
      same(performer.calls().filter(({ endedAt }) => endedAt).length, 0, 'ended calls by then');
      const [call] = await performer.called(1);
      same(call?.event, { n: 1 }, 'the event');
    },
  },
  {
    id: 'asynchronous/an-event-is-1-mb-at-most',
    title: 'An asynchronous event of 1 MB is accepted, a larger one refused with 413',
    page: LIMITS,
    async run(stage) {
      const { lambda } = stage.clients;
      const performer = await stage.function(() => undefined);
      const send = (bytes: number) =>
        lambda.send(
          new InvokeCommand({
            FunctionName: performer.name,
            InvocationType: 'Event',
            Payload: eventOf(bytes),
          }),
        );
      same((await send(1_000_000)).StatusCode, 202, '1,000,000 bytes');
      same((await refusal(send(MIB + 1))).status, 413, '1 MiB and a byte');
      const [call] = await performer.called(1);
      same(JSON.stringify(call?.event).length, 1_000_000, 'bytes of the event');
    },
  },
  {
    id: 'asynchronous/a-synchronous-event-is-6-mb-at-most',
    title: 'A synchronous event of 6 MB is accepted, a larger one refused with 413',
    page: LIMITS,
    async run(stage) {
      const { lambda } = stage.clients;
      const performer = await stage.function(() => 'done');
      const send = (bytes: number) =>
        lambda.send(new InvokeCommand({ FunctionName: performer.name, Payload: eventOf(bytes) }));
      same((await send(6_000_000)).StatusCode, 200, '6,000,000 bytes');
      same((await refusal(send(6 * MIB + 1))).status, 413, '6 MiB and a byte');
    },
  },
  {
    id: 'asynchronous/a-synchronous-invocation-is-not-retried',
    title:
      'A synchronous invocation that fails answers the error as its payload and is not retried',
    page: API,
    async run(stage) {
      const performer = await stage.function(fail);
      const input = { FunctionName: performer.name, Payload: Buffer.from('{}') };
      const answer = await stage.clients.lambda.send(new InvokeCommand(input));
      const payload = JSON.parse(Buffer.from(answer.Payload ?? []).toString());
      const seen = [answer.StatusCode, answer.FunctionError, payload.errorMessage];
      same(seen, [200, 'Unhandled', 'not today'], 'the answer');
      await stage.rest(SILENCE_MS);
      same(performer.calls().length, 1, 'calls');
    },
  },
  {
    id: 'asynchronous/a-throttled-synchronous-invocation-is-refused',
    title: 'A synchronous invocation beyond the reserved concurrency is refused with 429',
    page: API,
    async run(stage) {
      const performer = await stage.function(() => stage.rest(2_000), { reservedConcurrency: 1 });
      const invoke = () =>
        stage.clients.lambda.send(new InvokeCommand({ FunctionName: performer.name }));
      const first = invoke();
      first.catch(() => undefined);
      await stage.eventually('the first call', () => performer.calls()[0]);
      const expected = { code: 'TooManyRequestsException', status: 429 };
      same(await refusal(invoke()), expected, 'the second invocation');
      same((await first).StatusCode, 200, 'the first invocation');
    },
  },
];
