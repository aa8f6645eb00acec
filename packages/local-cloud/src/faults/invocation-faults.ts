import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { FunctionInvoker, InvokeResult } from '../ports.ts';
import type { InvocationFate } from './invocation-fate.ts';

/**
 * An invoker whose invocations meet what the plan has in store for them.
 *
 * `kill` and `timeout` hang up on the function in the middle. A host takes a caller that hung up as
 * the end of the sandbox: it stops the handler, whose effects so far stay. A handler that had ended
 * before the moment came counts as stopped at its very end.
 *
 * @param fateOf asked once for each invocation; undefined leaves it alone
 */
export function withInvocationFaults(
  invoker: FunctionInvoker,
  clock: Clock,
  fateOf: (functionName: string, payload: string) => InvocationFate | undefined,
): FunctionInvoker {
  return {
    async invoke(functionName, payload) {
      const fate = fateOf(functionName, payload);
      if (!fate) return invoker.invoke(functionName, payload);
      if (fate.latencyMs > 0) {
        fate.counter.add('invocations', 'latency');
        await clock.sleep(fate.latencyMs);
      }
      return meet(fate, invoker, clock, functionName, payload);
    },
  };
}

async function meet(
  fate: InvocationFate,
  invoker: FunctionInvoker,
  clock: Clock,
  functionName: string,
  payload: string,
): Promise<InvokeResult> {
  const count = () => fate.counter.add('invocations', fate.outcome);
  switch (fate.outcome) {
    case 'run':
      return invoker.invoke(functionName, payload);
    case 'throttle':
      count();
      return { kind: 'throttled' };
    case 'error':
      count();
      return functionError(
        'InjectedFault',
        `The fault plan (seed ${fate.seed}) failed this invocation before its handler ran.`,
      );
    case 'loseAnswer': {
      const result = await invoker.invoke(functionName, payload);
      if (!ran(result)) return result;
      count();
      return { kind: 'unavailable' };
    }
    case 'kill':
    case 'timeout': {
      const result = await strike(fate, invoker, clock, functionName, payload);
      if (result !== undefined && !ran(result)) return result;
      count();
      return fate.outcome === 'kill' ? killed() : timedOut();
    }
  }
}

/** Runs the function until the moment has come. `undefined`: it was stopped. */
async function strike(
  fate: InvocationFate,
  invoker: FunctionInvoker,
  clock: Clock,
  functionName: string,
  payload: string,
): Promise<InvokeResult | undefined> {
  const strikes = new AbortController();
  const ended = new AbortController();
  void clock.sleep(fate.strikeAfterMs, ended.signal).then((came) => came && strikes.abort());
  const stop = { signal: strikes.signal, moment: fate.moment };
  const result = await invoker.invoke(functionName, payload, stop);
  ended.abort();
  return strikes.signal.aborted ? undefined : result;
}

/** false: the function was not reached at all, so nothing could befall it. */
function ran(result: InvokeResult): boolean {
  return result.kind !== 'throttled' && result.kind !== 'unavailable';
}

/** As Lambda tells of a sandbox that died. */
function killed(): InvokeResult {
  const requestId = randomUUID();
  const message = `RequestId: ${requestId} Error: Runtime exited with error: signal: killed`;
  return functionError('Runtime.ExitError', message, requestId);
}

/** As Lambda tells of a handler whose seconds were over. */
function timedOut(): InvokeResult {
  const requestId = randomUUID();
  const message = `RequestId: ${requestId} Error: Task timed out`;
  return { ...functionError('Sandbox.Timedout', message, requestId), timedOut: true };
}

function functionError(errorType: string, errorMessage: string, requestId = randomUUID()) {
  const payload = { errorType, errorMessage };
  return { kind: 'function-error', payload, requestId, timedOut: false } as const;
}
