import { Worker } from 'node:worker_threads';
import {
  type FunctionAnswer,
  functionError,
  thrown,
} from '../../lambda/channel/function-answer.ts';
import type { SandboxInvocation, SandboxMessage, SandboxSettings } from './sandbox-messages.ts';

/**
 * One execution environment of a function: a worker thread, with what its module keeps between
 * invocations. It runs one invocation at a time.
 */
export interface Sandbox {
  /** Never rejects: whatever goes wrong is a function error. */
  invoke(invocation: SandboxInvocation): Promise<FunctionAnswer>;
  /** Ends it between any two instructions of the handler, with all of its connections. */
  end(): void;
  /** It cannot be used (any more). */
  readonly isOver: boolean;
}

const PROGRAM = new URL('./sandbox-program.ts', import.meta.url);

export function startSandbox(
  settings: SandboxSettings,
  env: Readonly<Record<string, string>>,
): Sandbox {
  const worker = new Worker(PROGRAM, { env: { ...env }, workerData: settings });
  let isReady = false;
  let isOver = false;
  let current: { invocation: SandboxInvocation; settle(answer: FunctionAnswer): void } | undefined;
  let timer: NodeJS.Timeout | undefined;

  /** Loading the handler is not the invocation's time, as on AWS. */
  function startTimer(): void {
    if (!current || !isReady) return;
    const { requestId, timeoutMs } = current.invocation;
    timer = setTimeout(() => {
      end(functionError('Sandbox.Timedout', timeoutMessage(requestId, timeoutMs)));
    }, timeoutMs);
  }

  function settle(answer: FunctionAnswer): void {
    clearTimeout(timer);
    current?.settle(answer);
    current = undefined;
  }

  function end(answer: FunctionAnswer): void {
    isOver = true;
    void worker.terminate();
    settle(answer);
  }

  worker.on('message', (message: SandboxMessage) => {
    if (message.kind === 'answered') settle(message.answer);
    else if (message.kind === 'unusable') end(message.answer);
    else {
      isReady = true;
      startTimer();
    }
  });
  // Thrown outside of the handler's promise: Lambda's runtime ends by it too.
  worker.on('error', (error) => end(thrown(error)));
  worker.on('exit', (code) => end(exited(current?.invocation, code)));

  return {
    invoke(invocation) {
      const { promise, resolve } = Promise.withResolvers<FunctionAnswer>();
      current = { invocation, settle: resolve };
      worker.postMessage(invocation);
      startTimer();
      return promise;
    },
    end: () => end(exited(current?.invocation, 1)),
    get isOver() {
      return isOver;
    },
  };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html */
function timeoutMessage(requestId: string, timeoutMs: number): string {
  const seconds = (timeoutMs / 1000).toFixed(2);
  return `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds`;
}

function exited(invocation: SandboxInvocation | undefined, code: number): FunctionAnswer {
  const why =
    code === 0 ? 'exited without providing a reason' : `exited with error: exit status ${code}`;
  const message = `RequestId: ${invocation?.requestId} Error: Runtime ${why}`;
  return functionError('Runtime.ExitError', message);
}
