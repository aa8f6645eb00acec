import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { serveConnection } from '../../src/engines/postgres/connection.ts';
import { createTurns } from '../../src/engines/postgres/turns.ts';

const message = (type: string, body: string) => {
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeInt32BE(4 + Buffer.byteLength(body), 1);
  return Buffer.concat([head, Buffer.from(body)]);
};
const READY = message('Z', 'I');
const SIGNED_IN = Buffer.concat([message('R', '\0\0\0\0'), READY]);
const DONE = Buffer.concat([message('C', 'SELECT 0\0'), READY]);

/** An engine that throws at whatever holds `broken`, and does nothing else. */
const turns = createTurns({
  async run(messages, onData) {
    if (messages.includes('broken')) throw new Error('the engine trips');
    onData(messages[0] === 0 ? SIGNED_IN : DONE);
  },
  isInTransaction: () => false,
});

let clients = 0;
const server = createServer((socket) => {
  clients += 1;
  serveConnection(socket, clients, turns);
});

beforeEach(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => server.close());

it('gives the turn to the next when the engine throws at what a client asks', async () => {
  const { port } = server.address() as AddressInfo;
  const connect = async () => {
    const client = new Client({ host: '127.0.0.1', port, user: 'any', database: 'any' });
    client.on('error', () => {});
    await client.connect();
    return client;
  };
  const [first, second] = [await connect(), await connect()];
  const refused = expect(first.query('select broken')).rejects.toThrow();
  const waiting = second.query('select 1');
  await refused;
  expect(await waiting).toMatchObject({ command: 'SELECT' });
  await second.end();
});
