import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';

export class BodyTooLargeError extends Error {
  constructor(limit: number) {
    super(`the request body is larger than ${limit} bytes`);
  }
}

/**
 * Reads a request body to its end, keeping no more than `limit` bytes of it: a client that is sent
 * an answer before it has sent its body may never read it.
 * @throws BodyTooLargeError; the stream's error when the client goes away
 */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let size = 0;
  // By events: to iterate over the stream takes twice as long, and every request waits for this.
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
  });
  request.on('end', () => {
    if (size > limit) reject(new BodyTooLargeError(limit));
    else
      resolve(chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks, size));
  });
  request.on('error', reject);
  // Without an end or an error before it, which HTTP/2 does not tell.
  request.on('close', () => reject(new Error('the client went away')));
  if (request.destroyed) reject(new Error('the client went away'));
  return promise;
}

/** A request like `request` whose body can be read (again): for engines that read it themselves. */
export function replayRequest(request: IncomingMessage, body: Buffer): IncomingMessage {
  const { method, url, httpVersion, httpVersionMajor, httpVersionMinor, socket } = request;
  const headers = { ...request.headers, 'content-length': String(body.length) };
  const replay = Readable.from(body.length > 0 ? [body] : [], { objectMode: false });
  const fields = { method, url, headers, httpVersion, httpVersionMajor, httpVersionMinor, socket };
  return Object.assign(replay, fields) as unknown as IncomingMessage;
}

export function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

export function send(
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: string | Buffer,
): void {
  response.writeHead(status, {
    'x-amzn-requestid': randomUUID(),
    // A 204 has no body and may not say how long it is.
    ...(status !== 204 && { 'content-length': String(Buffer.byteLength(body)) }),
    ...headers,
  });
  response.end(body);
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  send(response, status, { 'content-type': 'application/json' }, JSON.stringify(value));
}
