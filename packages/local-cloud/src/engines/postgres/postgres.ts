import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { fatalError } from './client-messages.ts';
import { type RunningEngine, startEngine } from './engine.ts';

export interface PostgresEngine {
  /** Resolves with the port. Rejects with Node's error (`EADDRINUSE`). */
  listen(port: number): Promise<number>;
  close(): Promise<void>;
}

/**
 * PostgreSQL over `<stateDir>/postgres`. It listens at once and starts at the first connection: it
 * takes seconds and half a gigabyte, which who never asks it need not spend. One that ends by
 * itself is started again by the next connection. User, password and database may be any.
 */
export function createPostgres(options: {
  readonly stateDir: string;
  readonly log: (line: string) => void;
}): PostgresEngine {
  const sockets = new Set<Socket>();
  let starting: Promise<RunningEngine> | undefined;
  let isClosing = false;

  function engine(): Promise<RunningEngine> {
    starting ??= start();
    return starting;
  }

  async function start(): Promise<RunningEngine> {
    options.log('postgres: starting');
    try {
      const started = await startEngine(join(options.stateDir, 'postgres'));
      options.log('postgres: ready');
      void started.ended.then((reason) => {
        starting = undefined;
        if (!isClosing) options.log(`postgres: ended by itself (${reason})`);
      });
      return started;
    } catch (error) {
      starting = undefined;
      throw error;
    }
  }

  const server = createServer({ allowHalfOpen: true }, (client) => {
    sockets.add(client);
    client.on('close', () => sockets.delete(client));
    client.on('error', () => client.destroy());
    void handOver(client);
  });

  async function handOver(client: Socket): Promise<void> {
    try {
      const { port } = await engine();
      pipeBoth(client, connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true }));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      options.log(`postgres: it did not start (${reason})`);
      client.end(fatalError('57P03', `${reason}; "npm run reset" starts afresh.`));
    }
  }

  return {
    listen: (port) => listenOn(server, port),
    async close() {
      isClosing = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      const running = await starting?.catch(() => undefined);
      await running?.close();
      await closed;
    },
  };
}

function listenOn(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address === 'object' && address) resolve(address.port);
    });
  });
}

/** The engine's end and the client's are each told to the other. */
function pipeBoth(client: Socket, upstream: Socket): void {
  client.setNoDelay(true);
  client.pipe(upstream).pipe(client);
  upstream.on('error', () => client.destroy());
  upstream.on('close', () => client.destroySoon());
  client.on('close', () => upstream.destroy());
  // A client that is gone already tells nothing any more.
  if (client.destroyed) upstream.destroy();
}
