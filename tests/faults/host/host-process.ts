/**
 * The process that runs the functions of one service: it plays the service's serverless-offline, and
 * ends sandboxes in the middle when their caller hangs up or asks for it.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { flushCompileCache } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { Context } from 'aws-lambda';
import type { FromHost, HostedFunction, StopMode, ToHost } from './messages.ts';
import { separateModulesBelow } from './own-modules.ts';
import { liveAtOwnTime, setClockAhead } from './own-time.ts';
import { createSandbox, guardOutgoingCalls } from './sandbox.ts';

type Handler = (event: unknown, context: Context) => Promise<unknown>;
interface Loaded extends HostedFunction {
  readonly handler: Handler;
}

/** A handler of ours makes about as many calls for a small batch; later moments mean "at its end". */
const CALLS_OF_AN_INVOCATION = 8;

guardOutgoingCalls();
liveAtOwnTime();

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
  const server = createServer((request, response) => void serve(request, response));
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    tell({ kind: 'ready', lambdaUrl: `http://127.0.0.1:${port}` });
  });
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

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, name = ''] = /functions\/([^/]+)\/invocations$/.exec(request.url ?? '') ?? [];
  const hosted = functions.get(decodeURIComponent(name));
  if (!hosted) {
    response.writeHead(404).end('{}');
    return;
  }
  const body = await textOf(request).catch(() => undefined);
  if (body === undefined) return;
  const moment = request.headers['x-millrace-stop'];
  const calls =
    moment === undefined ? undefined : Math.floor(Number(moment) * CALLS_OF_AN_INVOCATION);
  const sandbox = createSandbox(calls);
  // Whoever hangs up before the answer ends the sandbox.
  response.on('close', () => {
    if (!response.writableFinished) sandbox.stop();
  });
  void sandbox.stopped.then(() => end(response));
  running += 1;
  tell({ kind: 'running', handlers: running });
  const outcome = await sandbox
    .run(async () => hosted.handler(JSON.parse(body), contextOf(hosted)))
    .then(
      (result) => ({ result }),
      (error: unknown) => ({ error }),
    );
  running -= 1;
  tell({ kind: 'running', handlers: running });
  if (!response.writableEnded) answer(response, outcome);
}

/** The sandbox is gone: by SIGKILL of the whole process, or told as Lambda tells of it. */
function end(response: ServerResponse): void {
  if (stops === 'process') process.kill(process.pid, 'SIGKILL');
  if (response.writableEnded || response.destroyed) return;
  response.setHeader('x-amz-function-error', 'Unhandled');
  response.end(JSON.stringify({ errorType: 'Runtime.ExitError', errorMessage: 'signal: killed' }));
}

function answer(response: ServerResponse, outcome: { result: unknown } | { error: unknown }): void {
  if ('result' in outcome) {
    response.end(outcome.result === undefined ? '' : JSON.stringify(outcome.result));
    return;
  }
  const error = outcome.error instanceof Error ? outcome.error : new Error(String(outcome.error));
  response.setHeader('x-amz-function-error', 'Unhandled');
  response.end(JSON.stringify({ errorType: error.name, errorMessage: error.message }));
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

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
