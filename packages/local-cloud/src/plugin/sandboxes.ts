import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import workerThreads, {
  MessageChannel,
  type MessagePort,
  type Transferable,
  type Worker,
  type WorkerOptions,
} from 'node:worker_threads';

/** The file that serverless-offline runs handlers by, in a worker thread for each sandbox. */
const SANDBOX_PROGRAM = 'workerThreadHelper.js';
const INVOCATION = /^\/2015-03-31\/functions\/[^/]+\/invocations$/;

/** What serverless-offline gives a sandbox: an event, and the port on which it waits for the answer. */
interface Invocation {
  readonly port: MessagePort;
}

/** The answer that an invocation under way is to go into. */
const callers = new AsyncLocalStorage<ServerResponse>();
let installed = false;

/**
 * Makes a sandbox end with its caller. On AWS an invocation that times out, or whose machine dies,
 * has no further effect; serverless-offline lets the handler run on as if it were still asked for. So
 * whoever invokes a function (the local cloud, which hangs up at a timeout and where a fault plan says
 * so) ends its worker thread by hanging up: between any two instructions of it, with all of its
 * connections. The next invocation starts a new one, as cold as on AWS.
 *
 * Worker threads are all that is reached of serverless-offline from outside, so they are what is
 * wrapped, and only those that run its sandbox program.
 */
export function endSandboxesWithCallers(): void {
  if (installed) return;
  installed = true;
  subscribe('http.server.request.start', (message) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    if (INVOCATION.test(request.url ?? '')) callers.enterWith(response);
  });
  const { Worker: PlainWorker } = workerThreads;
  workerThreads.Worker = new Proxy(PlainWorker, {
    construct(target, args: [string | URL, WorkerOptions?], made) {
      if (!String(args[0]).endsWith(SANDBOX_PROGRAM)) return Reflect.construct(target, args, made);
      return createSandbox(() => new PlainWorker(...args));
    },
  });
  syncBuiltinESMExports();
}

/** A worker thread that is replaced when it was ended; what serverless-offline uses of one. */
function createSandbox(start: () => Worker): Pick<Worker, 'postMessage' | 'terminate'> {
  let worker: Worker | undefined = start();

  async function end(): Promise<number> {
    const ended = worker;
    worker = undefined;
    return (await ended?.terminate()) ?? 0;
  }

  function invoke(invocation: Invocation, caller: ServerResponse): void {
    const { port1: answers, port2: handed } = new MessageChannel();
    const answer = (value: unknown) => {
      caller.off('close', hungUp);
      invocation.port.postMessage(value);
      invocation.port.close();
      answers.close();
    };
    const hungUp = () => {
      caller.off('close', hungUp);
      // The caller's connection also closes when everything has been said.
      if (caller.writableFinished) return;
      void end().then(() => answer(new Error('The caller hung up: the sandbox was ended.')));
    };
    answers.once('message', answer);
    caller.once('close', hungUp);
    worker ??= start();
    worker.postMessage({ ...invocation, port: handed }, [handed]);
    // It hung up while the event was on its way here.
    if (caller.destroyed) hungUp();
  }

  return {
    postMessage(message: unknown, transferred?: readonly Transferable[]) {
      const caller = callers.getStore();
      if (caller && isInvocation(message)) invoke(message, caller);
      else {
        worker ??= start();
        worker.postMessage(message, transferred);
      }
    },
    terminate: end,
  };
}

function isInvocation(message: unknown): message is Invocation {
  return typeof message === 'object' && message !== null && 'port' in message;
}
