import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createEdgeListener, type EdgeListener } from '../../src/edge/listener.ts';
import { readBody } from '../../src/edge/message.ts';

let listener: EdgeListener;
let port: number;
beforeEach(async () => {
  listener = createEdgeListener(async (request, response) => {
    const body = await readBody(request, 1 << 20);
    response.end(`${request.httpVersion} ${request.method} ${request.url} ${body}`);
  });
  port = await listener.listen(0);
});
afterEach(() => listener.close());

it('speaks HTTP/1.1 and HTTP/2 on one port', async () => {
  const answer = await fetch(`http://127.0.0.1:${port}/a?b`, { method: 'POST', body: 'hello' });
  expect(await answer.text()).toBe('1.1 POST /a?b hello');

  const session = connectHttp2(`http://127.0.0.1:${port}`);
  const texts = await Promise.all(
    [1, 2, 3].map(async (number) => {
      const stream = session.request({ ':method': 'POST', ':path': `/${number}` });
      stream.setEncoding('utf8').end('hello');
      let text = '';
      for await (const chunk of stream) text += chunk;
      return text;
    }),
  );
  expect(texts).toEqual(['2.0 POST /1 hello', '2.0 POST /2 hello', '2.0 POST /3 hello']);
  session.close();
});

it('tells PUT, POST and PATCH from the preface of HTTP/2 when bytes come one by one', async () => {
  for (const method of ['PUT', 'POST', 'PATCH', 'PRI']) {
    const socket = connect(port, '127.0.0.1').setNoDelay(true);
    // The server may have answered and closed before the last byte is written.
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {});
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    for (const byte of `${method} /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n`) {
      socket.write(byte);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    socket.write('Connection: close\r\n\r\n');
    await closed;
    // No method of HTTP is called PRI, but it must be refused as HTTP/1.1, not hang.
    expect(answer).toMatch(method === 'PRI' ? /^HTTP\/1.1 400/ : new RegExp(`1.1 ${method} /x`));
  }
});

it('keeps serving when clients reset their connections', async () => {
  for (const start of ['P', 'GET / HT', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n']) {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(start);
    await new Promise((resolve) => setTimeout(resolve, 5));
    socket.resetAndDestroy();
  }
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
});

it('closes although clients keep their connections open', async () => {
  await (await fetch(`http://127.0.0.1:${port}/`)).text();
  const idle = connect(port, '127.0.0.1');
  await once(idle, 'connect');
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  await once(session, 'connect');
  session.on('error', () => {});
  const gone = Promise.all([once(idle, 'close'), once(session, 'close')]);
  await listener.close();
  await gone;
  listener = createEdgeListener((_, response) => response.end());
  await listener.listen(port);
});
