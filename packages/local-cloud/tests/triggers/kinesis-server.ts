import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { KinesisEngine } from '../../src/engines/kinesis.ts';
import type { KinesisLog } from '../../src/engines/kinesis-reader.ts';

/**
 * The engine for other processes on a free port: the operations of its API for the SDK's client, and
 * under `/log/` what the cloud has inside its own process.
 */
export async function serveKinesis(engine: KinesisEngine) {
  async function answer(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
    const asked: unknown = JSON.parse(await text(request));
    const [, method] = /^\/log\/(\w+)$/.exec(request.url ?? '') ?? [];
    if (method) {
      // What is missing comes as `null`.
      const read = engine.log[method as keyof KinesisLog] as (...all: unknown[]) => unknown;
      return {
        status: 200,
        body: { answer: await read(...(asked as unknown[]).map((one) => one ?? undefined)) },
      };
    }
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    return engine.call(operation, asked as Record<string, unknown>);
  }
  const server = createServer((request, response) => {
    void answer(request).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The log of an engine that another process serves. */
export function kinesisLogAt(url: string): KinesisLog {
  const ask =
    (method: string) =>
    async (...asked: unknown[]) => {
      const response = await fetch(`${url}/log/${method}`, {
        method: 'POST',
        body: JSON.stringify(asked),
      });
      return ((await response.json()) as { answer: never }).answer;
    };
  return { describe: ask('describe'), read: ask('read') };
}
