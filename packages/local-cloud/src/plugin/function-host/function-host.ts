import type { FunctionAnswer } from '../../lambda/channel/function-answer.ts';
import { type FunctionRequest, serveFunctions } from '../../lambda/channel/serve-functions.ts';
import { startSandbox } from './sandbox.ts';
import { createSandboxPool, type SandboxPool } from './sandbox-pool.ts';

/** A function that the host runs. */
export interface HostedFunction {
  /** The function's name in serverless.yml. */
  readonly key: string;
  /** Its full name, by which it is invoked. */
  readonly name: string;
  readonly handler: string;
  /** The folder that `handler` is relative to. */
  readonly folder: string;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** An invocation that has ended, for the console. */
export interface HostedInvocation {
  readonly key: string;
  readonly requestId: string;
  readonly durationMs: number;
  /** JSON of the function error. */
  readonly error?: string;
}

export interface FunctionHost {
  /** Where the cloud finds it, see `serveFunctions`. */
  readonly url: string;
  /** The functions' code has changed: invocations under way end by the old, all others see the new. */
  renew(): void;
  close(): Promise<void>;
}

/** Within AWS's own unstated minutes; a laptop has the memory for those in use only. */
const IDLE_MS = 5 * 60_000;
const IDLE_CHECK_MS = 30_000;

/**
 * Runs a service's functions in sandboxes for the cloud's triggers.
 *
 * An invocation that is stopped ends its sandbox: on AWS one that times out, or whose machine dies,
 * has no further effect. The next one finds a new sandbox, as cold as on AWS.
 */
export async function startFunctionHost(options: {
  readonly functions: readonly HostedFunction[];
  onEnd(invocation: HostedInvocation): void;
}): Promise<FunctionHost> {
  const hosted = new Map(
    options.functions.map((one) => [one.name, { function: one, pool: poolOf(one) }]),
  );

  async function invoke(request: FunctionRequest): Promise<FunctionAnswer> {
    const found = hosted.get(request.functionName);
    if (!found) return { status: 'missing', body: '' };
    const {
      pool,
      function: { key, timeoutMs },
    } = found;
    const { requestId, payload } = request;
    const startedAt = performance.now();
    const sandbox = pool.take();
    request.onStop(sandbox.end);
    const answer = await sandbox.invoke({ requestId, payload, timeoutMs });
    pool.giveBack(sandbox);
    const durationMs = performance.now() - startedAt;
    const error = answer.status === 'function-error' && { error: answer.body };
    options.onEnd({ key, requestId, durationMs, ...error });
    return answer;
  }

  const cleaning = setInterval(() => {
    for (const { pool } of hosted.values()) pool.endIdle(IDLE_MS);
  }, IDLE_CHECK_MS);
  cleaning.unref();
  const server = await serveFunctions(invoke);

  return {
    url: server.url,
    renew() {
      for (const { pool } of hosted.values()) pool.renew();
    },
    async close() {
      clearInterval(cleaning);
      for (const { pool } of hosted.values()) pool.close();
      await server.close();
    },
  };
}

function poolOf({ name, handler, folder, memoryMb, environment }: HostedFunction): SandboxPool {
  const settings = { functionName: name, handler, folder, memoryMb };
  return createSandboxPool(() => startSandbox(settings, environment));
}
