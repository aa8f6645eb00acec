import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

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
 * Runs the functions of all rules. It speaks Lambda's Invoke API as serverless-offline does: Millrace
 * calls it as a service's Lambda port, other implementations through a deployed function that passes
 * its event on.
 */
export interface Referee {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
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

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, name = ''] = /functions\/([^/]+)\/invocations$/.exec(request.url ?? '') ?? [];
    const role = roles.get(decodeURIComponent(name));
    const event = JSON.parse(await bodyOf(request)) as Record<string, unknown>;
    if (!role) {
      response.writeHead(404).end();
      return;
    }
    const call: Role['calls'][number] = { event, startedAt: Date.now() };
    role.calls.push(call);
    try {
      const result = await inTime(role, role.play(event as never, role.calls.length));
      response.end(result === undefined ? '' : JSON.stringify(result));
    } catch (error) {
      const { message, name: errorType } = error as Error;
      response.setHeader('x-amz-function-error', 'Unhandled');
      response.end(JSON.stringify({ errorMessage: message, errorType, trace: [] }));
    } finally {
      call.endedAt = Date.now();
    }
  }

  const server = createServer((request, response) => {
    // A caller that is killed while it waits is part of the rules.
    answer(request, response).catch(() => response.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    perform(functionName, play, timeoutMs) {
      const { calls = [] } = roles.get(functionName) ?? {};
      roles.set(functionName, { play, timeoutMs, calls });
    },
    calls: (functionName) => roles.get(functionName)?.calls ?? [],
    forget: (functionName) => void roles.delete(functionName),
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** A function that takes too long ends as serverless-offline ends it. */
async function inTime(role: Role, result: unknown): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('[504] - Lambda timeout.')), role.timeoutMs);
  });
  try {
    return await Promise.race([result, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
