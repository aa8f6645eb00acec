import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createEdgeListener, type EdgeListener } from '../../src/edge/listener.ts';
import { BodyTooLargeError, readBody } from '../../src/edge/message.ts';

let listener: EdgeListener;
let port: number;
let bodies: Promise<Buffer>[];
beforeEach(async () => {
  bodies = [];
  listener = createEdgeListener((request: IncomingMessage, response) => {
    const body = readBody(request, 100_000);
    bodies.push(body);
    body.then(
      () => response.end(),
      () => response.writeHead(413).end(),
    );
  });
  port = await listener.listen(0);
});
afterEach(() => listener.close());

const send = (body: string) => fetch(`http://127.0.0.1:${port}`, { method: 'POST', body });
const asked = () => expect.poll(() => bodies.length, { timeout: 5_000 }).toBe(1);

it.each(['', 'short', '긴'.repeat(30_000)])('is all that was sent', async (sent) => {
  await send(sent);
  expect(String(await bodies[0])).toBe(sent);
});

it('reads what is too large to its end, so that its sender hears of it', async () => {
  expect((await send('x'.repeat(5_000_000))).status).toBe(413);
  await expect(bodies[0]).rejects.toThrow(BodyTooLargeError);
});

it('rejects when a client of HTTP/1.1 goes away in the middle', async () => {
  const socket = connect(port, '127.0.0.1');
  socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhalf');
  await asked();
  const rejected = expect(bodies[0]).rejects.toThrow();
  socket.destroy();
  await rejected;
});

it('rejects when a client of HTTP/2 goes away in the middle', async () => {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  const stream = session.request({ ':method': 'POST' });
  stream.on('error', () => {});
  stream.write('half');
  await asked();
  const rejected = expect(bodies[0]).rejects.toThrow();
  session.destroy();
  await Promise.all([rejected, once(session, 'close')]);
});
