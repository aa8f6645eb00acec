import { once } from 'node:events';
import {
  createServer as createHttp1,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttp2, type ServerHttp2Session } from 'node:http2';
import { createServer as createTcp, type Socket } from 'node:net';

/** How HTTP/2 begins where there is no TLS to agree on it (RFC 9113, 3.4). */
const HTTP2_PREFACE = Buffer.from('PRI * HTTP/2.0');

/** Longer than any SDK keeps an idle connection: the client closes first, so no request is lost. */
const KEEP_ALIVE_MS = 75_000;

export interface EdgeListener {
  /** Resolves with the port. Rejects with Node's error (`EADDRINUSE`). */
  listen(port: number): Promise<number>;
  /** Stops accepting, ends what is open and resolves when nothing is. */
  close(): Promise<void>;
}

/**
 * One port that speaks HTTP/1.1 and HTTP/2, both without TLS: the first bytes of a connection tell.
 * (The AWS SDK's Kinesis client speaks HTTP/2 to any endpoint.) HTTP/2 requests come through Node's
 * compatibility layer and look like those of HTTP/1.1 to `handle`.
 */
export function createEdgeListener(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): EdgeListener {
  const http1 = createHttp1({ requestTimeout: 0, keepAliveTimeout: KEEP_ALIVE_MS }, handle);
  const http2 = createHttp2(
    handle as unknown as Parameters<typeof createHttp2>[1] & RequestListener,
  );
  const sockets = new Set<Socket>();
  const sessions = new Set<ServerHttp2Session>();
  http2.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    // A reset connection ends its session; its requests see that themselves.
    session.on('error', () => {});
  });

  const tcp = createTcp({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A client may reset at any time; the request on the connection is told by its own events.
    socket.on('error', () => socket.destroy());
    dispatchByPreface(socket, (version) => {
      (version === 2 ? http2 : http1).emit('connection', socket);
    });
  });

  return {
    async listen(port) {
      tcp.listen(port, '127.0.0.1');
      await once(tcp, 'listening');
      const address = tcp.address();
      if (!address || typeof address === 'string') throw new Error('the edge has no TCP port');
      return address.port;
    },
    async close() {
      const closed = once(tcp, 'close');
      tcp.close();
      for (const session of sessions) session.destroy();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function dispatchByPreface(socket: Socket, dispatch: (version: 1 | 2) => void): void {
  let seen = Buffer.alloc(0);
  const onReadable = () => {
    const chunk: Buffer | null = socket.read();
    if (!chunk) return;
    seen = Buffer.concat([seen, chunk]);
    const compared = Math.min(seen.length, HTTP2_PREFACE.length);
    const alike = seen.subarray(0, compared).equals(HTTP2_PREFACE.subarray(0, compared));
    // `P` may begin PRI, POST, PUT and PATCH: wait until it cannot be mistaken.
    if (alike && compared < HTTP2_PREFACE.length) return;
    socket.off('readable', onReadable);
    socket.unshift(seen);
    dispatch(alike ? 2 : 1);
  };
  socket.on('readable', onReadable);
}
