import { randomUUID } from 'node:crypto';
import { Agent, type IncomingMessage, request } from 'node:http';
import type { Clock } from '../clock.ts';
import type {
  FunctionDefinition,
  FunctionInvoker,
  InvocationStop,
  InvokeResult,
} from '../ports.ts';
import { createConcurrency, MAX_CONCURRENCY_PER_FUNCTION } from './concurrency.ts';
import type { FunctionRegistry } from './function-registry.ts';

/**
 * The largest request of a synchronous invocation, in bytes.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const MAX_INVOCATION_BYTES = 6 * 1024 * 1024;

/** serverless-offline ends a function at its timeout by itself; this is how much later we do. */
const TIMEOUT_GRACE_MS = 2_000;

export interface Invoker extends FunctionInvoker {
  /** Ends what is under way; its callers see `unavailable`. */
  close(): void;
}

/**
 * Invokes functions in the services' serverless-offline processes:
 * `POST <lambdaUrl>/2015-03-31/functions/<name>/invocations`.
 *
 * A connection that breaks before the answer leaves the outcome unknown. It is reported as
 * `unavailable`: whoever delivers at least once delivers again, and no retry is used up by a
 * service that was killed.
 *
 * An invocation that is stopped (by its timeout, by the fault plan) is one that this side hangs up
 * on: the host ends the sandbox then, and nothing more of the handler happens. One that the plan
 * will stop carries `x-millrace-stop: <share in [0, 1)>`, by which a host may choose a moment that
 * it can repeat, the n-th AWS call for one, and answer itself.
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
  const agent = new Agent({ keepAlive: true });
  const closing = new AbortController();

  async function attempt(
    definition: FunctionDefinition,
    payload: string,
    stop: InvocationStop | undefined,
  ): Promise<InvokeResult> {
    const lambdaUrl = registry.endpoint(definition.service);
    if (lambdaUrl === undefined || closing.signal.aborted) return { kind: 'unavailable' };
    const requestId = randomUUID();
    const deadline = new AbortController();
    const finished = new AbortController();
    const limitMs = definition.timeoutSeconds * 1000 + TIMEOUT_GRACE_MS;
    void clock.sleep(limitMs, finished.signal).then((elapsed) => elapsed && deadline.abort());
    try {
      const url = `${lambdaUrl}/2015-03-31/functions/${encodeURIComponent(definition.name)}/invocations`;
      const signals = [deadline.signal, closing.signal, ...(stop ? [stop.signal] : [])];
      const headers = stop ? { 'x-millrace-stop': String(stop.moment) } : {};
      const answer = await post(agent, url, payload, headers, AbortSignal.any(signals));
      return interpret(answer, definition, requestId);
    } catch {
      // Refused, reset or closed: all that is known is that the function did not answer.
      if (deadline.signal.aborted) return timedOut(definition, requestId);
      return { kind: 'unavailable' };
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
      closing.abort();
      agent.destroy();
    },
  };
}

interface HttpAnswer {
  readonly status: number;
  readonly functionError: boolean;
  readonly body: string;
}

function interpret(
  answer: HttpAnswer,
  definition: FunctionDefinition,
  requestId: string,
): InvokeResult {
  if (answer.status === 413) {
    const payload = {
      errorType: 'RequestTooLargeException',
      errorMessage: `Request must be smaller than ${MAX_INVOCATION_BYTES} bytes for the InvokeFunction operation`,
    };
    return { kind: 'function-error', payload, requestId, timedOut: false };
  }
  // The service is up, but without this function (404) or broken (5xx): nothing was attempted.
  if (answer.status >= 400) return { kind: 'unavailable' };
  const payload = parsePayload(answer.body);
  if (!answer.functionError) return { kind: 'success', payload, requestId };
  if (answer.body.includes('Lambda timeout.')) return timedOut(definition, requestId);
  return { kind: 'function-error', payload, requestId, timedOut: false };
}

/** What Lambda answers for a function that ran into its timeout. */
function timedOut(definition: FunctionDefinition, requestId: string): InvokeResult {
  const seconds = definition.timeoutSeconds.toFixed(2);
  const payload = {
    errorType: 'Sandbox.Timedout',
    errorMessage: `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds`,
  };
  return { kind: 'function-error', payload, requestId, timedOut: true };
}

/** A handler that returns nothing answers `null`; serverless-offline sends an empty body then. */
function parsePayload(body: string): unknown {
  if (body === '') return null;
  try {
    return JSON.parse(body);
  } catch {
    // serverless-offline quotes a returned string without escaping it.
    return body.replace(/^"([\s\S]*)"$/, '$1');
  }
}

function post(
  agent: Agent,
  url: string,
  payload: string,
  more: Record<string, string>,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const body = Buffer.from(payload, 'utf8');
    const headers = {
      'content-type': 'application/json',
      'content-length': body.byteLength,
      ...more,
    };
    const outgoing = request(url, { method: 'POST', agent, headers, signal }, (response) => {
      readAnswer(response).then(resolve, reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function readAnswer(response: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return {
    status: response.statusCode ?? 500,
    functionError: response.headers['x-amz-function-error'] !== undefined,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}
