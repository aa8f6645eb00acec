import { once } from 'node:events';
import { createServer } from 'node:http';

export interface LambdaServer {
  readonly url: string;
  /** Events by function name, in the order of their arrival. */
  readonly received: { readonly name: string; readonly event: unknown }[];
  close(): void;
}

/** Speaks as serverless-offline's Lambda port does; `answer` is the functions' code. */
export async function startLambdaServer(
  answer: (name: string, event: unknown) => unknown = () => null,
): Promise<LambdaServer> {
  const received: { name: string; event: unknown }[] = [];
  const server = createServer(async (request, response) => {
    const name = decodeURIComponent(request.url?.split('/')[3] ?? '');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const event: unknown = JSON.parse(Buffer.concat(chunks).toString());
    received.push({ name, event });
    try {
      response.end(JSON.stringify(await answer(name, event)));
    } catch (error) {
      response.setHeader('X-Amz-Function-Error', 'Unhandled');
      const { message, name: errorType } = error as Error;
      response.end(JSON.stringify({ errorMessage: message, errorType, trace: [] }));
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
