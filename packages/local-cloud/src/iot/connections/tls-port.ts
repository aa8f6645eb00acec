import { once } from 'node:events';
import { createServer, type TLSSocket } from 'node:tls';
import type { Authority } from '../certificates/authority.ts';
import { type Identity, identityOf } from './identity.ts';

/** MQTT over TLS, where devices show who they are by a certificate. */
export interface TlsPort {
  /** Rejects with Node's error (`EADDRINUSE`). */
  listen(port: number): Promise<number>;
  /** Ends the connections that are left, and resolves when the port is free. */
  close(): Promise<void>;
}

/** Longer than any handshake of a slow machine takes. */
const HANDSHAKE_MS = 30_000;

/**
 * A port that takes clients with a certificate of the authority and hands them to `connected`; TLS
 * itself refuses all others.
 */
export function createTlsPort(options: {
  readonly authority: Authority;
  connected(socket: TLSSocket, identity: Identity): void;
  readonly log: (line: string) => void;
}): TlsPort {
  const { authority, connected, log } = options;
  const server = createServer({
    ...authority.serverCredentials(),
    ca: authority.certificatePem,
    ...{ requestCert: true, rejectUnauthorized: true },
    minVersion: 'TLSv1.2',
    handshakeTimeout: HANDSHAKE_MS,
  });
  const sockets = new Set<{ destroy(): unknown }>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('secureConnection', (socket) => {
    const certificate = socket.getPeerX509Certificate();
    if (certificate) connected(socket, identityOf(certificate, socket.remoteAddress ?? ''));
    else socket.destroy();
  });
  server.on('tlsClientError', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ECONNRESET') return;
    log(`iot: a client without a certificate of the local CA is refused (${error.message.trim()})`);
  });
  return {
    async listen(port) {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      if (!address || typeof address === 'string') throw new Error('the broker has no TLS port');
      return address.port;
    },
    async close() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
