import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAnswerReader } from '../../src/dynamodb/answer-reader.ts';
import { createEngineConnections } from '../../src/dynamodb/engine-connections.ts';
import type { EngineTransport } from '../../src/dynamodb/engine-transport.ts';

describe('an answer', () => {
  const text = (body: string, length = Buffer.byteLength(body)) =>
    `HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: ${length}\r\n\r\n${body}`;

  it('is the same in however many pieces it comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.array(fc.nat({ max: 200 })), (body, cuts) => {
        const whole = Buffer.from(text(body));
        const reader = createAnswerReader('POST');
        const places = [...new Set([0, ...cuts.filter((cut) => cut < whole.length)])].toSorted(
          (a, b) => a - b,
        );
        const answers = places.map((from, n) => reader.add(whole.subarray(from, places[n + 1])));
        const last = answers.pop();
        expect(answers.every((answer) => answer === undefined)).toBe(true);
        expect(last).toMatchObject({
          status: 200,
          headers: { 'content-length': expect.any(String) },
        });
        expect(last?.body.toString()).toBe(body);
      }),
    );
  });

  it('of large bodies takes time in proportion to them', () => {
    const reader = createAnswerReader('POST');
    const piece = Buffer.alloc(1_024, 'x');
    const pieces = 64 * 1_024;
    expect(reader.add(Buffer.from(text('', pieces * piece.length)))).toBeUndefined();
    for (let n = 1; n < pieces; n += 1) expect(reader.add(piece)).toBeUndefined();
    expect(reader.add(piece)?.body.length).toBe(pieces * piece.length);
  });

  it('has no body when nothing but the head was asked for', () => {
    const reader = createAnswerReader('HEAD');
    expect(reader.add(Buffer.from(text('', 12)))?.body).toHaveLength(0);
  });

  it.each([
    ['no HTTP', 'SSH-2.0-x\r\n\r\n'],
    ['another HTTP', 'HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n'],
    ['of no length', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['of a length that is none', 'HTTP/1.1 200 OK\r\ncontent-length: 1e3\r\n\r\n'],
    ['longer than it tells', text('{}', 1)],
    ['with a broken header', 'HTTP/1.1 200 OK\r\nnonsense\r\n\r\n'],
    ['without an end of its head', `HTTP/1.1 200 OK\r\na: ${'x'.repeat(70_000)}`],
  ])('%s is refused', (_, answer) => {
    expect(() => createAnswerReader('POST').add(Buffer.from(answer))).toThrow();
  });
});

describe('connections', () => {
  let server: Server;
  let transport: EngineTransport;
  const sockets: Socket[] = [];
  const received: string[] = [];
  /** What is done with a request that was received whole. */
  let respond: (request: string, socket: Socket) => void;

  const answer = (body: string, more = '') =>
    `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n${more}\r\n${body}`;
  const ask = (body: string) =>
    transport.send({ method: 'POST', headers: { 'x-asked': body }, body: Buffer.from(body) });
  const asked = async (body: string) => (await ask(body)).body.toString();

  beforeEach(async () => {
    sockets.length = 0;
    received.length = 0;
    respond = (request, socket) => socket.write(answer(request.split('\r\n\r\n')[1] ?? ''));
    server = createServer((socket) => {
      sockets.push(socket);
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk.toString();
        const [head = '', body] = text.split('\r\n\r\n');
        if (body === undefined) return;
        if (body.length < Number(/content-length: (\d+)/.exec(head)?.[1])) return;
        received.push(text);
        respond(text, socket);
        text = '';
      });
      socket.on('error', () => {});
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    transport = createEngineConnections(
      `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    );
  });
  afterEach(() => {
    transport.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  it('are used again, one request at a time', async () => {
    for (const body of ['a', 'b', 'c']) expect(await asked(body)).toBe(body);
    expect(sockets).toHaveLength(1);
    const many = Array.from({ length: 100 }, (_, n) => String(n));
    expect(await Promise.all(many.map(asked))).toEqual(many);
    expect(received[0]).toMatch(/^POST \/ HTTP\/1\.1\r\n/);
    expect(received[0]).toContain('x-asked: a\r\n');
  });

  it('carry megabytes both ways', async () => {
    const body = 'y'.repeat(3 * 1024 * 1024);
    expect((await asked(body)).length).toBe(body.length);
  });

  it('that break reject what was asked on them, and the next request has another', async () => {
    respond = (_, socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf');
    await expect(ask('a')).rejects.toThrow('closed');
    respond = (_, socket) => socket.destroy();
    await expect(ask('b')).rejects.toThrow();
    respond = (_, socket) => socket.write(answer('fine'));
    expect(await asked('c')).toBe('fine');
    expect(sockets).toHaveLength(3);
  });

  it('that end while they are idle, or after an answer that says so, are not used again', async () => {
    await ask('a');
    sockets[0]?.end();
    await expect.poll(() => sockets[0]?.destroyed).toBe(true);
    respond = (_, socket) => socket.write(answer('fine', 'connection: close\r\n'));
    expect(await asked('b')).toBe('fine');
    expect(await asked('c')).toBe('fine');
    expect(sockets).toHaveLength(3);
  });

  it('reject when nobody listens, and when they are closed meanwhile', async () => {
    const refused = createEngineConnections('http://127.0.0.1:1');
    const request = { method: 'POST', headers: {}, body: Buffer.alloc(0) };
    await expect(refused.send(request)).rejects.toThrow('ECONNREFUSED');
    respond = () => transport.close();
    await expect(ask('a')).rejects.toThrow('closed');
  });
});
