import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  answerOf,
  type FunctionAnswer,
  functionError,
} from '../../packages/local-cloud/src/lambda/channel/function-answer.ts';
import { serveFunctions } from '../../packages/local-cloud/src/lambda/channel/serve-functions.ts';

/** What a function does with an event; what it throws is the function's error. */
export type Play = (event: never, attempt: number) => unknown;

export interface Call<Event = Record<string, unknown>> {
  readonly event: Event;
  /** Milliseconds of real time since the epoch. */
  readonly startedAt: number;
  /** Missing while the function runs. */
  readonly endedAt?: number;
}

/**
 * Runs the functions of all rules. Millrace calls it as the host of a service's functions, other
 * implementations through a deployed function that passes its event on by Lambda's Invoke API.
 */
export interface Referee {
  /** `http://127.0.0.1:<port>`, for the Invoke API. */
  readonly url: string;
  /** Where Millrace finds it as a host. */
  readonly functionsUrl: string;
  /** From now on the function does this; calls are counted from 1. */
  perform(functionName: string, play: Play, timeoutMs: number): void;
  calls(functionName: string): readonly Call[];
  forget(functionName: string): void;
  close(): Promise<void>;
}

interface Role {
  readonly play: Play;
  readonly timeoutMs: number;
  readonly calls: { event: Record<string, unknown>; startedAt: number; endedAt?: number }[];
}

export async function startReferee(): Promise<Referee> {
  const roles = new Map<string, Role>();

  async function answer(name: string, payload: string): Promise<FunctionAnswer> {
    const role = roles.get(name);
    const event = JSON.parse(payload) as Record<string, unknown>;
    if (!role) return { status: 'missing', body: '' };
    const call: Role['calls'][number] = { event, startedAt: Date.now() };
    role.calls.push(call);
    const answered = await inTime(
      role,
      answerOf(() => role.play(event as never, role.calls.length)),
    );
    call.endedAt = Date.now();
    return answered;
  }

  async function answerByHttp(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, name = ''] = /functions\/([^/]+)\/invocations$/.exec(request.url ?? '') ?? [];
    const { status, body } = await answer(decodeURIComponent(name), await bodyOf(request));
    if (status === 'missing') response.statusCode = 404;
    if (status === 'function-error') response.setHeader('x-amz-function-error', 'Unhandled');
    response.end(body);
  }

  const functions = await serveFunctions(({ functionName, payload }) =>
    answer(functionName, payload),
  );
  const server = createServer((request, response) => {
    // A caller that is killed while it waits is part of the rules.
    answerByHttp(request, response).catch(() => response.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    functionsUrl: functions.url,
    perform(functionName, play, timeoutMs) {
      const { calls = [] } = roles.get(functionName) ?? {};
      roles.set(functionName, { play, timeoutMs, calls });
    },
    calls: (functionName) => roles.get(functionName)?.calls ?? [],
    forget: (functionName) => void roles.delete(functionName),
    async close() {
      await functions.close();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** A function that takes too long ends as a host of Millrace's ends it. */
async function inTime(role: Role, answered: Promise<FunctionAnswer>): Promise<FunctionAnswer> {
  const late = Promise.withResolvers<FunctionAnswer>();
  const timer = setTimeout(() => {
    late.resolve(functionError('Sandbox.Timedout', 'Task timed out'));
  }, role.timeoutMs);
  try {
    return await Promise.race([answered, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
