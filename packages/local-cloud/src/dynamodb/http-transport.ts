import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { EngineAnswer, EngineTransport } from './engine-transport.ts';

/** Reaches any DynamoDB that speaks HTTP/1.1, over kept-alive connections. */
export function createHttpTransport(url: string): EngineTransport {
  const agent = new Agent({ keepAlive: true });
  return {
    async send({ method, headers, body }) {
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        const lengthened = { ...headers, 'content-length': String(body.length) };
        const outgoing = httpRequest(
          url,
          { method, path: '/', agent, headers: lengthened },
          resolve,
        );
        outgoing.on('error', reject);
        outgoing.end(body);
      });
      return toAnswer(answer, await buffer(answer));
    },
    close: () => agent.destroy(),
  };
}

function toAnswer({ statusCode, headers }: IncomingMessage, body: Buffer): EngineAnswer {
  const texts = Object.entries(headers).map(([name, value]) => [name, String(value)]);
  return { status: statusCode ?? 500, headers: Object.fromEntries(texts), body };
}
