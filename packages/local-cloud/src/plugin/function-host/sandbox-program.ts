/** What runs in the worker thread of a sandbox: one function, one invocation at a time. */
import { parentPort, workerData } from 'node:worker_threads';
import { answerOf, functionError, thrown } from '../../lambda/channel/function-answer.ts';
import { functionArn } from '../../lambda/function-arn.ts';
import { type Callback, type Handler, loadHandler } from './load-handler.ts';
import type { SandboxInvocation, SandboxMessage, SandboxSettings } from './sandbox-messages.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_RESPONSE_BYTES = 6 * 1024 * 1024 + 100;

const TOO_LARGE = functionError(
  'Function.ResponseSizeTooLarge',
  `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`,
);

const { functionName, handler: declared, folder, memoryMb }: SandboxSettings = workerData;
const logStreamName = `${new Date().toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]local`;

const tell = (message: SandboxMessage) => parentPort?.postMessage(message);
const loading = loadHandler(folder, declared);
loading.then(
  () => tell({ kind: 'ready' }),
  // Told with the answer to the invocation that waits for it.
  () => {},
);

parentPort?.on('message', async (invocation: SandboxInvocation) => {
  let handler: Handler;
  try {
    handler = await loading;
  } catch (error) {
    tell({ kind: 'unusable', answer: thrown(error) });
    return;
  }
  const { payload } = invocation;
  const answer = await answerOf(() => call(handler, JSON.parse(payload), contextOf(invocation)));
  const isTooLarge = Buffer.byteLength(answer.body) > MAX_RESPONSE_BYTES;
  tell({ kind: 'answered', answer: isTooLarge ? TOO_LARGE : answer });
});

/** Handlers answer by a promise, or (in runtimes before Node.js 24) by a callback. */
function call(handler: Handler, event: unknown, context: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const callback: Callback = (error, result) =>
      error === undefined || error === null ? resolve(result) : reject(error);
    const legacy = { done: callback, fail: reject, succeed: resolve };
    const returned = handler(event, { ...context, ...legacy }, callback);
    const isPromise = typeof (returned as PromiseLike<unknown> | undefined)?.then === 'function';
    if (isPromise || handler.length < 3) resolve(returned);
  });
}

/** https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
function contextOf({ requestId, timeoutMs }: SandboxInvocation): object {
  const deadline = performance.now() + timeoutMs;
  return {
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: functionArn(functionName),
    memoryLimitInMB: String(memoryMb),
    awsRequestId: requestId,
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(deadline - performance.now())),
  };
}
