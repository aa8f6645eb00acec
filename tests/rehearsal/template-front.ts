import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TemplateFront {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Stands between the deployer and MiniStack and says in uploaded templates what MiniStack knows by
 * another name: `UserPool.ProviderURL` (see `DEVIATIONS.providerUrl`). All else passes as it is.
 */
export async function startTemplateFront(miniStackUrl: string): Promise<TemplateFront> {
  const server = createServer(async (incoming, outgoing) => {
    const isTemplate =
      incoming.method === 'PUT' && (incoming.url ?? '').includes('cloudformation-template');
    const body = isTemplate ? translate(await read(incoming), miniStackUrl) : undefined;
    const headers = { ...incoming.headers };
    if (body) {
      headers['content-length'] = String(body.length);
      // They speak of the bytes that were sent, and MiniStack compares them.
      delete headers['content-md5'];
    }
    const onward = request(
      `${miniStackUrl}${incoming.url}`,
      { method: incoming.method, headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    onward.on('error', (error) => outgoing.destroy(error));
    if (body) onward.end(body);
    else incoming.pipe(onward);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function read(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The issuer as AWS makes it; the keys from where they can be fetched without the Internet. */
function translate(template: Buffer, miniStackUrl: string): Buffer {
  const text = JSON.stringify(JSON.parse(template.toString('utf8')), (_name, value) => {
    if (isJoinOf(value, '/.well-known/jwks.json')) {
      return { 'Fn::Sub': `${miniStackUrl}/\${UserPool}/.well-known/jwks.json` };
    }
    return isProviderUrl(value)
      ? { 'Fn::Join': ['', ['https://', { 'Fn::GetAtt': ['UserPool', 'ProviderName'] }]] }
      : value;
  });
  return Buffer.from(text);
}

function isProviderUrl(value: unknown): boolean {
  return JSON.stringify(value) === '{"Fn::GetAtt":["UserPool","ProviderURL"]}';
}

function isJoinOf(value: unknown, end: string): boolean {
  const text = JSON.stringify(value) ?? '';
  return (
    text.startsWith('{"Fn::Join":["",[{"Fn::GetAtt":["UserPool","ProviderURL"]}') &&
    text.endsWith(`"${end}"]]}`)
  );
}
