import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type {
  FunctionDefinition,
  FunctionInvoker,
  InvocationStop,
  InvokeResult,
} from '../ports.ts';
import { connectFunctions, type FunctionConnection } from './channel/connect-functions.ts';
import type { FunctionAnswer } from './channel/function-answer.ts';
import { createConcurrency, MAX_CONCURRENCY_PER_FUNCTION } from './concurrency.ts';
import type { FunctionRegistry } from './function-registry.ts';

/**
 * The largest request of a synchronous invocation, in bytes.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const MAX_INVOCATION_BYTES = 6 * 1024 * 1024;

/**
 * A service's host ends a function at its timeout by itself. This is how much later it is given up
 * from here: what AWS gives the function to be loaded.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
const INIT_LIMIT_MS = 10_000;

/** Lambda's error type of a function that ran into its timeout. */
const TIMED_OUT = 'Sandbox.Timedout';

export interface Invoker extends FunctionInvoker {
  /** Ends what is under way; its callers see `unavailable`. */
  close(): void;
}

/**
 * Invokes functions in the hosts of the services' processes.
 *
 * A connection that breaks before the answer leaves the outcome unknown. It is reported as
 * `unavailable`: whoever delivers at least once delivers again, and no retry is used up by a
 * service that was killed.
 *
 * An invocation that is stopped (by its timeout, by the fault plan) is ended by the host with its
 * sandbox: nothing more of the handler happens. One that the plan will stop carries the moment, a
 * share in [0, 1), by which a host may choose a place that it can repeat, the n-th AWS call for
 * one, and answer itself.
 */
export function createInvoker(options: {
  registry: FunctionRegistry;
  clock: Clock;
  maxConcurrencyPerFunction?: number;
}): Invoker {
  const { registry, clock } = options;
  const slots = createConcurrency(
    options.maxConcurrencyPerFunction ?? MAX_CONCURRENCY_PER_FUNCTION,
  );
  const connections = new Map<string, { readonly url: string; readonly to: FunctionConnection }>();
  let isClosed = false;

  /** A service that has started again listens elsewhere. */
  function connectionTo({ service }: FunctionDefinition): FunctionConnection | undefined {
    const url = registry.endpoint(service);
    const known = connections.get(service);
    if (known && known.url === url) return known.to;
    known?.to.close();
    connections.delete(service);
    if (url === undefined || isClosed) return undefined;
    const to = connectFunctions(url);
    connections.set(service, { url, to });
    return to;
  }

  async function attempt(
    definition: FunctionDefinition,
    payload: string,
    stop: InvocationStop | undefined,
  ): Promise<InvokeResult> {
    const requestId = randomUUID();
    if (Buffer.byteLength(payload) > MAX_INVOCATION_BYTES) return tooLarge(requestId);
    const connection = connectionTo(definition);
    if (!connection) return { kind: 'unavailable' };
    const stopMoment = stop && { stopMoment: stop.moment };
    const asked = connection.invoke(
      { functionName: definition.name, requestId, ...stopMoment },
      payload,
    );
    if (stop?.signal.aborted) asked.stop();
    stop?.signal.addEventListener('abort', asked.stop, { once: true });
    const finished = new AbortController();
    let isLate = false;
    const limitMs = definition.timeoutSeconds * 1000 + INIT_LIMIT_MS;
    void clock.sleep(limitMs, finished.signal).then((elapsed) => {
      if (!elapsed) return;
      isLate = true;
      asked.stop();
    });
    try {
      return interpret(await asked.answer, requestId);
    } catch {
      // Refused, broken or stopped: all that is known is that the function did not answer.
      return isLate ? timedOut(definition, requestId) : { kind: 'unavailable' };
    } finally {
      finished.abort();
    }
  }

  return {
    async invoke(functionName, payload, stop) {
      const definition = registry.get(functionName);
      if (!definition || registry.endpoint(definition.service) === undefined) {
        return { kind: 'unavailable' };
      }
      const release = await slots.acquire(functionName, definition.reservedConcurrency);
      if (!release) return { kind: 'throttled' };
      try {
        return await attempt(definition, payload, stop);
      } finally {
        release();
      }
    },
    close() {
      isClosed = true;
      for (const { to } of connections.values()) to.close();
    },
  };
}

function interpret({ status, body }: FunctionAnswer, requestId: string): InvokeResult {
  // The service is up, but without this function: nothing was attempted.
  if (status === 'missing') return { kind: 'unavailable' };
  const payload: unknown = JSON.parse(body);
  if (status === 'success') return { kind: 'success', payload, requestId };
  const timedOut = (payload as { errorType?: unknown } | null)?.errorType === TIMED_OUT;
  return { kind: 'function-error', payload, requestId, timedOut };
}

function tooLarge(requestId: string): InvokeResult {
  const payload = {
    errorType: 'RequestTooLargeException',
    errorMessage: `Request must be smaller than ${MAX_INVOCATION_BYTES} bytes for the InvokeFunction operation`,
  };
  return { kind: 'function-error', payload, requestId, timedOut: false };
}

/** What Lambda answers for a function that ran into its timeout. */
function timedOut(definition: FunctionDefinition, requestId: string): InvokeResult {
  const seconds = definition.timeoutSeconds.toFixed(2);
  const payload = {
    errorType: TIMED_OUT,
    errorMessage: `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds`,
  };
  return { kind: 'function-error', payload, requestId, timedOut: true };
}
