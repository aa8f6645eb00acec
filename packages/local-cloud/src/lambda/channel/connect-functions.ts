import { connect, type Socket } from 'node:net';
import { createFrameReader, encodeFrame } from './frames.ts';
import type { FunctionAnswer } from './function-answer.ts';
import type { FromFunctions, ToFunctions } from './messages.ts';

/** The cloud's way to the functions of one service. */
export interface FunctionConnection {
  /**
   * Sent before this returns: whoever waits for the function waits for nothing else here.
   * Rejects when the connection is refused or breaks before the answer, and when stopped.
   */
  invoke(
    invocation: Omit<Extract<ToFunctions, { kind: 'invoke' }>, 'kind' | 'id'>,
    payload: string,
  ): { readonly answer: Promise<FunctionAnswer>; stop(): void };
  /** Ends it, and what is under way with it. */
  close(): void;
}

/** Connects with the first invocation, and again with the next one after the connection broke. */
export function connectFunctions(url: string): FunctionConnection {
  const { hostname, port } = new URL(url);
  const waiting = new Map<number, PromiseWithResolvers<FunctionAnswer>>();
  let socket: Socket | undefined;
  let lastId = 0;

  function open(): Socket {
    const opened = connect({ host: hostname, port: Number(port), noDelay: true });
    const read = createFrameReader<FromFunctions>(({ id, status }, body) => {
      waiting.get(id)?.resolve({ status, body });
      waiting.delete(id);
    });
    opened.on('data', read);
    // Refused or reset: it closes next.
    opened.on('error', () => {});
    opened.on('close', () => {
      if (socket === opened) socket = undefined;
      for (const { reject } of waiting.values()) reject(new Error('The connection broke.'));
      waiting.clear();
    });
    return opened;
  }

  return {
    invoke(invocation, payload) {
      lastId += 1;
      const id = lastId;
      const answer = Promise.withResolvers<FunctionAnswer>();
      waiting.set(id, answer);
      socket ??= open();
      const line = socket;
      line.write(encodeFrame({ kind: 'invoke', id, ...invocation } satisfies ToFunctions, payload));
      return {
        answer: answer.promise,
        stop() {
          if (!waiting.delete(id)) return;
          line.write(encodeFrame({ kind: 'stop', id } satisfies ToFunctions, ''));
          answer.reject(new Error('The invocation was stopped.'));
        },
      };
    },
    close() {
      socket?.destroy();
    },
  };
}
