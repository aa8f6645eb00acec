import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { serveConnection } from './connection.ts';
import { createTurns } from './turns.ts';

/**
 * The worker thread that PostgreSQL runs in: opens the database, listens on a port of its own and
 * tells it. A message ends it: connections are cut, the database is closed.
 */
export interface EngineSettings {
  readonly dir: string;
}

const { dir } = workerData as EngineSettings;

/** Whether the folder was made to the end; what was killed while it was made is made again. */
const COMPLETE = join(dir, '.millrace-complete');
if (!existsSync(COMPLETE)) rmSync(dir, { recursive: true, force: true });
mkdirSync(dir, { recursive: true });
const database = await PGlite.create({ dataDir: dir, extensions: { pg_trgm } });
writeFileSync(COMPLETE, '');

const turns = createTurns({
  run: (messages, onData) =>
    database.runExclusive(async () => {
      // Copied: what is handed over is a view of the engine's memory.
      await database.execProtocolRawStream(messages, {
        onRawData: (data) => onData(Buffer.from(data)),
      });
    }),
  isInTransaction: () => database.isInTransaction(),
});

const sockets = new Set<Socket>();
let clients = 0;
const server = createServer((socket) => {
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
  clients += 1;
  serveConnection(socket, clients, turns);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address) parentPort?.postMessage(address.port);
});

parentPort?.once('message', async () => {
  server.close();
  for (const socket of sockets) socket.destroy();
  // What runs is waited for; it is rolled back where nobody has committed it.
  await database.close();
  process.exit(0);
});
