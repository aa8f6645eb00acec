import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Handler = (event: never) => unknown;

/** Plays a service's serverless-offline: the same address, statuses, headers and bodies. */
export interface FunctionHost {
  readonly lambdaUrl: string;
  /** What a function does; what it throws is answered like serverless-offline answers it. */
  on(functionName: string, handler: Handler): void;
  /** The events that the function got, in order. */
  events<T>(functionName: string): T[];
  /** Breaks every connection, as the process would if it were killed. */
  kill(): void;
  close(): Promise<void>;
}

export async function startFunctionHost(): Promise<FunctionHost> {
  const handlers = new Map<string, Handler>();
  const received = new Map<string, unknown[]>();

  async function run(name: string, body: string, response: ServerResponse): Promise<void> {
    const handler = handlers.get(name);
    if (!handler) {
      response.writeHead(404, { 'x-amzn-errortype': 'ResourceNotFoundException' });
      response.end(JSON.stringify({ Message: `Function not found: ${name}`, Type: 'User' }));
      return;
    }
    const event: unknown = JSON.parse(body);
    received.set(name, [...(received.get(name) ?? []), event]);
    try {
      const result: unknown = await handler(event as never);
      response.end(result === undefined ? '' : JSON.stringify(result));
    } catch (error) {
      const { message, stack } = error as Error;
      response.setHeader('x-amz-function-error', 'Unhandled');
      const trace = stack?.split('\n');
      response.end(JSON.stringify({ errorMessage: message, errorType: 'Error', trace }));
    }
  }

  const server = createServer((request, response) => {
    const [, name = ''] = /functions\/([^/]+)\/invocations$/.exec(request.url ?? '') ?? [];
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => void run(decodeURIComponent(name), body, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    lambdaUrl: `http://127.0.0.1:${port}`,
    on(functionName, handler) {
      handlers.set(functionName, handler);
    },
    events: <T>(functionName: string) => (received.get(functionName) ?? []) as T[],
    kill: () => server.closeAllConnections(),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
