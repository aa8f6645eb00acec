/**
 * The process that runs the functions of one service: it plays the service's host, and ends
 * sandboxes in the middle when they are stopped or the plan asks for it.
 */
import { randomUUID } from 'node:crypto';
import { flushCompileCache } from 'node:module';
import type { Context } from 'aws-lambda';
import {
  answerOf,
  type FunctionAnswer,
  functionError,
} from '../../../packages/local-cloud/src/lambda/channel/function-answer.ts';
import {
  type FunctionRequest,
  serveFunctions,
} from '../../../packages/local-cloud/src/lambda/channel/serve-functions.ts';
import type { FromHost, HostedFunction, StopMode, ToHost } from './messages.ts';
import { separateModulesBelow } from './own-modules.ts';
import { liveAtOwnTime, setClockAhead } from './own-time.ts';
import { createSandbox, guardOutgoingCalls } from './sandbox.ts';
import { countWriteUnits } from './write-units.ts';

type Handler = (event: unknown, context: Context) => Promise<unknown>;
interface Loaded extends HostedFunction {
  readonly handler: Handler;
}

/** A handler of ours makes about as many calls for a small batch; later moments mean "at its end". */
const CALLS_OF_AN_INVOCATION = 8;

guardOutgoingCalls();
liveAtOwnTime();

const writeUnits = countWriteUnits();
const [serviceFolder = ''] = process.argv.slice(2);
const importOwn = separateModulesBelow(serviceFolder);
const functions = new Map<string, Loaded>();
let stops: StopMode = 'calls';
let running = 0;

process.on('message', (message: ToHost) => {
  if (message.kind === 'clock') setClockAhead(message.aheadMs);
  else if (message.kind === 'stops') stops = message.how;
  else void start(message.functions);
});
process.on('disconnect', () => process.exit(0));

async function start(hosted: readonly HostedFunction[]): Promise<void> {
  for (const one of hosted) functions.set(one.name, { ...one, handler: await load(one) });
  // Whoever ends by SIGKILL keeps no compiled code for the next start.
  flushCompileCache();
  const { url } = await serveFunctions(invoke);
  tell({ kind: 'ready', lambdaUrl: url });
}

/** One after the other, because a module reads the environment of its function while it loads. */
async function load(one: HostedFunction): Promise<Handler> {
  const before = { ...process.env };
  Object.assign(process.env, one.environment, { AWS_LAMBDA_FUNCTION_NAME: one.name });
  const module = (await importOwn(one.file, one.key)) as Record<string, Handler>;
  for (const name of Object.keys(one.environment)) {
    if (before[name] === undefined && !name.startsWith('AWS_')) delete process.env[name];
  }
  const handler = module[one.exportName];
  if (!handler) throw new Error(`${one.file} exports no ${one.exportName}.`);
  return handler;
}

async function invoke(request: FunctionRequest): Promise<FunctionAnswer> {
  const hosted = functions.get(request.functionName);
  if (!hosted) return { status: 'missing', body: '' };
  const { stopMoment } = request;
  const calls =
    stopMoment === undefined ? undefined : Math.floor(stopMoment * CALLS_OF_AN_INVOCATION);
  const sandbox = createSandbox(calls);
  request.onStop(sandbox.stop);
  running += 1;
  tell({ kind: 'running', handlers: running, writeUnits: writeUnits() });
  const answered = answerOf(() =>
    sandbox.run(async () => hosted.handler(JSON.parse(request.payload), contextOf(hosted))),
  ).finally(() => {
    running -= 1;
    tell({ kind: 'running', handlers: running, writeUnits: writeUnits() });
  });
  return Promise.race([answered, sandbox.stopped.then(killed)]);
}

/** The sandbox is gone: by SIGKILL of the whole process, or told as Lambda tells of it. */
function killed(): FunctionAnswer {
  if (stops === 'process') process.kill(process.pid, 'SIGKILL');
  return functionError('Runtime.ExitError', 'signal: killed');
}

function contextOf({ name, timeoutMs }: HostedFunction): Context {
  const deadline = performance.now() + timeoutMs;
  return {
    functionName: name,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
    memoryLimitInMB: '512',
    awsRequestId: randomUUID(),
    logGroupName: `/aws/lambda/${name}`,
    logStreamName: 'faults',
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => Math.max(0, deadline - performance.now()),
    done: () => {},
    fail: () => {},
    succeed: () => {},
  };
}

function tell(message: FromHost): void {
  process.send?.(message);
}
