import { answerOf } from '../../src/lambda/channel/function-answer.ts';
import { serveFunctions } from '../../src/lambda/channel/serve-functions.ts';

type Handler = (event: never) => unknown;

/** Plays the host of a service's functions. */
export interface FunctionHost {
  readonly lambdaUrl: string;
  /** What a function does; what it throws is its error. */
  on(functionName: string, handler: Handler): void;
  /** The events that the function got, in order. */
  events<T>(functionName: string): T[];
  /** Breaks every connection, as the process would if it were killed. */
  kill(): void;
  close(): Promise<void>;
}

export async function startFunctionHost(): Promise<FunctionHost> {
  const handlers = new Map<string, Handler>();
  const received = new Map<string, unknown[]>();

  const server = await serveFunctions(async ({ functionName, payload }) => {
    const handler = handlers.get(functionName);
    if (!handler) return { status: 'missing', body: '' };
    const event: unknown = JSON.parse(payload);
    received.set(functionName, [...(received.get(functionName) ?? []), event]);
    return answerOf(() => handler(event as never));
  });

  return {
    lambdaUrl: server.url,
    on(functionName, handler) {
      handlers.set(functionName, handler);
    },
    events: <T>(functionName: string) => (received.get(functionName) ?? []) as T[],
    kill: server.disconnect,
    close: server.close,
  };
}
