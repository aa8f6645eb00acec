import { expect, test } from 'vitest';
import { functionHandler, PermanentError } from '../src/index.ts';
import { lambdaContext } from '../src/testing/index.ts';
import { capturedLines } from './support/captured-lines.ts';

const context = lambdaContext('millrace-etl-local-loadOrders');

test('hands over the event and answers what the function answers', async () => {
  const handler = functionHandler(async (event: { n: number }, invocation) => ({
    double: event.n * 2,
    name: invocation.functionName,
    request: invocation.requestId,
    left: invocation.remainingMs(),
  }));
  await capturedLines(async () => {
    expect(await handler({ n: 21 }, context)).toEqual({
      double: 42,
      name: 'millrace-etl-local-loadOrders',
      request: context.awsRequestId,
      left: 30_000,
    });
  });
});

test('counts every invocation by function and outcome, with its duration', async () => {
  const succeed = functionHandler(async () => 'fine');
  const fail = functionHandler(async () => {
    throw new Error('no');
  });
  const lines = await capturedLines(async () => {
    await succeed({}, context);
    await expect(fail({}, context)).rejects.toThrow('no');
  });
  const measured = lines.filter((line) => '_aws' in line);
  expect(measured).toMatchObject([
    { function: context.functionName, Succeeded: 1, Duration: expect.any(Number) },
    { function: context.functionName, Failed: 1, Duration: expect.any(Number) },
  ]);
  expect(measured[0]).toHaveProperty('_aws.CloudWatchMetrics[0].Namespace', 'Millrace');
});

test('logs an error once, with its code, the request and the event ids, and throws it on', async () => {
  const failure = new PermanentError('order_unreadable', 'The order cannot be read.');
  const handler = functionHandler(async () => {
    throw failure;
  });
  const lines = await capturedLines(async () => {
    await expect(handler({ Records: [{ eventID: 'e-1' }] }, context)).rejects.toBe(failure);
  });
  const errors = lines.filter((line) => line.level === 'ERROR');
  expect(errors).toMatchObject([
    {
      code: 'order_unreadable',
      function_request_id: context.awsRequestId,
      event_ids: ['e-1'],
      error: { message: 'The order cannot be read.' },
    },
  ]);
});

test('no key of one invocation is left in the log lines of the next', async () => {
  const handler = functionHandler(async (_event: unknown, { logger }) => logger.info('seen'));
  const lines = await capturedLines(async () => {
    await handler({ Records: [{ eventID: 'first' }] }, context);
    await handler({ Records: [{ eventID: 'second' }] }, context);
  });
  const seen = lines.filter((line) => line.message === 'seen');
  expect(seen.map((line) => line.event_ids)).toEqual([['first'], ['second']]);
});
