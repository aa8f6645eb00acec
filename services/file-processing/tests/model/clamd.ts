import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** What every scanner must report, and nothing else does: https://www.eicar.org/download-anti-malware-testfile/ */
export const EICAR = Buffer.from(
  // In two parts, so that no scanner takes this source for it.
  ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join(''),
);

export interface Clamd extends AsyncDisposable {
  readonly address: string;
  /** Bytes of every stream that ended. */
  readonly received: readonly Buffer[];
}

type Conversation = (socket: Socket) => unknown;

/** A server that answers each connection as told. */
export async function clamdThat(converse: Conversation): Promise<Clamd> {
  return listen(converse, []);
}

/** Speaks what man page clamd(8) says of PING and INSTREAM, and finds EICAR. */
export async function startClamd({ streamMaxLength = 4 * 1024 ** 2 } = {}): Promise<Clamd> {
  const received: Buffer[] = [];
  return listen(async (socket) => {
    const bytes = byteSource(socket);
    const command = await bytes.until(0);
    if (command === 'zPING') return socket.end('PONG\0');
    if (command !== 'zINSTREAM') return socket.end('UNKNOWN COMMAND\0');
    const chunks: Buffer[] = [];
    let total = 0;
    for (;;) {
      const length = (await bytes.take(4)).readUInt32BE();
      if (length === 0) break;
      total += length;
      if (total > streamMaxLength) return socket.end('INSTREAM size limit exceeded. ERROR\0');
      chunks.push(await bytes.take(length));
    }
    const stream = Buffer.concat(chunks);
    received.push(stream);
    return socket.end(`stream: ${stream.includes(EICAR) ? 'Eicar-Test-Signature FOUND' : 'OK'}\0`);
  }, received);
}

async function listen(converse: Conversation, received: readonly Buffer[]): Promise<Clamd> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    // The other side may go at any time.
    socket.on('error', () => undefined);
    Promise.resolve(converse(socket)).catch(() => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function byteSource(socket: Socket) {
  const chunks = socket.iterator({ destroyOnReturn: false });
  let rest = Buffer.alloc(0);
  const more = async () => {
    const next = await chunks.next();
    if (next.done) throw new Error('The connection was cut.');
    rest = Buffer.concat([rest, next.value]);
  };
  return {
    async take(count: number): Promise<Buffer> {
      while (rest.length < count) await more();
      const taken = rest.subarray(0, count);
      rest = rest.subarray(count);
      return taken;
    },
    async until(end: number): Promise<string> {
      while (!rest.includes(end)) await more();
      const taken = await this.take(rest.indexOf(end) + 1);
      return taken.toString('latin1', 0, taken.length - 1);
    },
  };
}
