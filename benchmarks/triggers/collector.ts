import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** Hears from the handlers when they started, and with which identifiers. */
export interface Collector {
  /** `host:port`, for the handlers' environment. */
  readonly address: string;
  /**
   * The instant at which a handler first started with this identifier, in nanoseconds of the
   * monotonic clock.
   *
   * @throws Error when nobody reported it in time
   */
  started(id: string, patienceMs: number): Promise<bigint>;
  close(): Promise<void>;
}

export async function startCollector(): Promise<Collector> {
  const starts = new Map<string, bigint>();
  const waiting = new Map<string, (startedAt: bigint) => void>();
  const sockets = new Set<Socket>();

  function hear(line: string): void {
    const [instant = '', list = ''] = line.split(' ');
    for (const id of list.split(',')) {
      // Delivered twice is allowed everywhere; only the first time counts.
      if (starts.has(id)) continue;
      starts.set(id, BigInt(instant));
      waiting.get(id)?.(BigInt(instant));
      waiting.delete(id);
    }
  }

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let rest = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) hear(line);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    address: `127.0.0.1:${port}`,
    started(id, patienceMs) {
      const known = starts.get(id);
      if (known !== undefined) return Promise.resolve(known);
      return new Promise((resolve, reject) => {
        const late = setTimeout(() => {
          waiting.delete(id);
          reject(new Error(`No handler started with ${id} within ${patienceMs / 1000} s.`));
        }, patienceMs);
        waiting.set(id, (startedAt) => {
          clearTimeout(late);
          resolve(startedAt);
        });
      });
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
