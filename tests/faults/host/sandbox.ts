import { AsyncLocalStorage } from 'node:async_hooks';
import http from 'node:http';
import http2 from 'node:http2';
import { syncBuiltinESMExports } from 'node:module';

/** One invocation, which can end at any of its calls to the outside. */
export interface Sandbox {
  /** Resolves when it has been stopped. */
  readonly stopped: Promise<void>;
  /** Ends it: no call leaves it from now on. */
  stop(): void;
  run<T>(handler: () => Promise<T>): Promise<T>;
}

const current = new AsyncLocalStorage<{ call(): void }>();

/** @param callsLeft how many calls may leave it before it ends by itself */
export function createSandbox(callsLeft = Number.POSITIVE_INFINITY): Sandbox {
  const { promise: stopped, resolve } = Promise.withResolvers<void>();
  let left = callsLeft;
  const gate = {
    call() {
      left -= 1;
      if (left >= 0) return;
      resolve();
      throw new Error('The sandbox has ended.');
    },
  };
  return {
    stopped,
    stop() {
      left = 0;
      resolve();
    },
    run: (handler) => current.run(gate, handler),
  };
}

/** Puts the gate before whatever HTTP client a handler uses; to be called before any is loaded. */
export function guardOutgoingCalls(): void {
  const realRequest = http.request;
  http.request = ((...args: Parameters<typeof http.request>) => {
    current.getStore()?.call();
    return realRequest(...args);
  }) as typeof http.request;

  const realConnect = http2.connect;
  http2.connect = ((...args: Parameters<typeof http2.connect>) => {
    // A session is shared by invocations: it belongs to none of them.
    const session = current.exit(() => realConnect(...args));
    const request = session.request.bind(session);
    session.request = (...call) => {
      current.getStore()?.call();
      return request(...call);
    };
    return session;
  }) as typeof http2.connect;
  syncBuiltinESMExports();
}
