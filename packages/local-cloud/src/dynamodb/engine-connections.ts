import { connect, type Socket } from 'node:net';
import { type AnswerReader, createAnswerReader } from './answer-reader.ts';
import type { EngineAnswer, EngineRequest, EngineTransport } from './engine-transport.ts';

/** So many connections are kept while nothing is asked on them. */
const MOST_IDLE = 64;

const CLOSED = new Error('the connection to the engine was closed');

interface Connection {
  ask(request: EngineRequest): Promise<EngineAnswer>;
  close(): void;
}

/**
 * Kept-alive HTTP/1.1 connections to the embedded engine, of which each carries one request at a
 * time. `node:http` would do the same in twice the time: half a millisecond, for which every function
 * behind a stream would wait. No more of HTTP than that engine speaks: its answers tell their length.
 */
export function createEngineConnections(url: string): EngineTransport {
  const { hostname: host, port } = new URL(url);
  const open = new Set<Connection>();
  const idle: Connection[] = [];

  function add(): Connection {
    const socket = connect({ host, port: Number(port), noDelay: true });
    const connection = createConnection(socket, host, () => {
      open.delete(connection);
      const at = idle.indexOf(connection);
      if (at >= 0) idle.splice(at, 1);
    });
    open.add(connection);
    return connection;
  }

  return {
    async send(request) {
      const connection = idle.pop() ?? add();
      const answer = await connection.ask(request);
      if (!open.has(connection)) return answer;
      if (idle.length < MOST_IDLE) idle.push(connection);
      else connection.close();
      return answer;
    },
    close() {
      for (const connection of [...open]) connection.close();
    },
  };
}

function createConnection(socket: Socket, host: string, closed: () => void): Connection {
  let reader: AnswerReader | undefined;
  let settle: PromiseWithResolvers<EngineAnswer> | undefined;

  function end(error: Error): void {
    socket.destroy();
    closed();
    settle?.reject(error);
    settle = undefined;
  }

  socket.on('data', (chunk) => {
    try {
      // Nobody asked: whatever it is, the connection is not where it should be.
      if (!reader || !settle) throw new Error('the engine said something that nobody asked for');
      const answer = reader.add(chunk);
      if (!answer) return;
      settle.resolve(answer);
      settle = undefined;
      if (answer.headers.connection === 'close') end(CLOSED);
    } catch (error) {
      end(error instanceof Error ? error : new Error(String(error)));
    }
  });
  socket.on('error', end);
  socket.on('close', () => end(CLOSED));

  return {
    ask(request) {
      reader = createAnswerReader(request.method);
      settle = Promise.withResolvers();
      // At one stroke: twice would be two segments, and takes longer than to copy the body.
      socket.write(Buffer.concat([Buffer.from(head(request, host), 'latin1'), request.body]));
      return settle.promise;
    },
    close: () => end(CLOSED),
  };
}

function head({ method, headers, body }: EngineRequest, host: string): string {
  let text = `${method} / HTTP/1.1\r\nhost: ${host}\r\ncontent-length: ${body.length}\r\n`;
  for (const [name, value] of Object.entries(headers)) {
    if (name !== 'host' && name !== 'content-length') text += `${name}: ${value}\r\n`;
  }
  return `${text}\r\n`;
}
