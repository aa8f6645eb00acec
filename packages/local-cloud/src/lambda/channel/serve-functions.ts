import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createFrameReader, encodeFrame } from './frames.ts';
import type { FunctionAnswer } from './function-answer.ts';
import type { ToFunctions } from './messages.ts';

/** An invocation that the cloud asks for. */
export interface FunctionRequest {
  readonly functionName: string;
  readonly requestId: string;
  /** JSON. */
  readonly payload: string;
  /** See `ToFunctions`. */
  readonly stopMoment?: number;
  /** Nobody waits for the answer any more, or the cloud is gone. At most one listener. */
  onStop(listener: () => void): void;
}

export interface FunctionServer {
  /** `tcp://127.0.0.1:<port>` */
  readonly url: string;
  /** Breaks every connection, as the process would if it were killed. */
  disconnect(): void;
  close(): Promise<void>;
}

/**
 * Lets the cloud invoke functions in this process. Many invocations share a connection; whatever is
 * under way when it breaks is stopped.
 *
 * @param invoke what an invocation does; it must not reject
 */
export async function serveFunctions(
  invoke: (request: FunctionRequest) => Promise<FunctionAnswer>,
): Promise<FunctionServer> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    const stops = new Map<number, () => void>();
    socket.on('close', () => {
      sockets.delete(socket);
      for (const stop of stops.values()) stop();
    });
    // A connection that is reset closes next.
    socket.on('error', () => {});
    const read = createFrameReader<ToFunctions>((message, payload) => {
      const { id } = message;
      if (message.kind === 'stop') {
        stops.get(id)?.();
        return;
      }
      void invoke({
        ...message,
        payload,
        onStop: (listener) => stops.set(id, listener),
      }).then(({ status, body }) => {
        stops.delete(id);
        if (!socket.destroyed) socket.write(encodeFrame({ id, status }, body));
      });
    });
    socket.on('data', read);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const disconnect = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    disconnect,
    async close() {
      const closed = once(server, 'close');
      server.close();
      disconnect();
      await closed;
    },
  };
}
