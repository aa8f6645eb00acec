import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { S3Error } from './errors.ts';
import type { RequestIdentity } from './request.ts';
import { renderXml, type XmlValue } from './xml.ts';

export type WireResponse = ServerResponse | Http2ServerResponse;

/** What an operation answers. `undefined` headers are left away. */
export interface S3Response {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string | AsyncGenerator<Uint8Array>;
}

export function xmlResponse(
  root: string,
  content: XmlValue,
  headers: Record<string, string | undefined> = {},
): S3Response {
  return {
    status: 200,
    headers: { 'content-type': 'application/xml', ...headers },
    body: renderXml(root, content),
  };
}

export function errorResponse(
  error: S3Error,
  resource: string,
  { requestId, hostId }: RequestIdentity,
): S3Response {
  const body = renderXml(
    'Error',
    {
      Code: error.code,
      Message: error.message,
      ...error.details,
      Resource: resource,
      RequestId: requestId,
      HostId: hostId,
    },
    '',
  );
  return {
    status: error.status,
    headers: { 'content-type': 'application/xml', ...error.headers },
    body,
  };
}

/** Writes the answer, as fast as the client takes it. A client that has gone ends it early. */
export async function send(
  wire: WireResponse,
  response: S3Response,
  options: { isHead: boolean },
): Promise<void> {
  const { body } = response;
  if (typeof body === 'object') {
    try {
      writeHead(wire, response);
      await stream(wire, body);
    } finally {
      // Lets the content files go, also when not a byte of them was read.
      await body.return(undefined);
    }
    return;
  }
  writeHead(wire, response);
  const mayHaveBody = response.status !== 204 && response.status !== 304;
  if (mayHaveBody && !wire.hasHeader('content-length')) {
    wire.setHeader('content-length', Buffer.byteLength(body ?? ''));
  }
  wire.end(options.isHead ? '' : (body ?? ''));
}

function writeHead(wire: WireResponse, response: S3Response): void {
  for (const [name, value] of Object.entries(response.headers ?? {})) {
    if (value !== undefined) wire.setHeader(name, value);
  }
  wire.statusCode = response.status;
}

async function stream(wire: WireResponse, body: AsyncGenerator<Uint8Array>): Promise<void> {
  for await (const chunk of body) {
    if (isGone(wire)) return;
    if (!write(wire, chunk)) await drained(wire);
  }
  wire.end();
}

/** Breaks the connection off: the client must not take half an answer for a whole one. */
export function abort(wire: WireResponse): void {
  if ('stream' in wire) wire.stream.close();
  else wire.destroy();
}

/** The two classes have the method, but not one common type for it. */
function write(wire: WireResponse, chunk: Uint8Array): boolean {
  return 'stream' in wire ? wire.write(chunk) : wire.write(chunk);
}

function isGone(wire: WireResponse): boolean {
  return 'stream' in wire ? wire.stream.destroyed : wire.destroyed;
}

function drained(wire: WireResponse): Promise<void> {
  return new Promise((resolve) => {
    if (isGone(wire)) {
      resolve();
      return;
    }
    const done = () => {
      wire.off('drain', done);
      wire.off('close', done);
      resolve();
    };
    wire.on('drain', done);
    wire.on('close', done);
  });
}
