import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type DispatchFunc, inject } from 'light-my-request';

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/** A request as the AWS SDK hands it to what sends it (the parts that are read here). */
interface SdkRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** What an SDK client takes as its `requestHandler`; all clients take the same. */
export type InProcessRequestHandler = DynamoDBClient['config']['requestHandler'];

/**
 * Sends what an SDK client asks to `handle` as if it had come over a connection, but by no socket:
 * the triggers ask the edge of their own process several times a second, and a record waits for it.
 * For bodies that are in memory (no streams), which those of JSON protocols are.
 */
export function createInProcessRequestHandler(handle: Handle): InProcessRequestHandler {
  return {
    async handle(request: SdkRequest, { abortSignal }: { abortSignal?: unknown } = {}) {
      const { method, path, query, headers, body } = request;
      const answer = await inject(handle as DispatchFunc, {
        method: method as 'POST',
        url: { pathname: path, ...(query && { query: plainQuery(query) }) },
        headers: { ...headers },
        ...(body !== undefined && { payload: bytes(body) }),
        ...(abortSignal instanceof AbortSignal && { signal: abortSignal }),
      });
      return {
        response: {
          statusCode: answer.statusCode,
          headers: plainHeaders(answer.headers),
          body: answer.rawPayload,
        },
      };
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  };
}

/** The SDK's own byte arrays complain of being asked for their value, which `Buffer.from` does. */
function bytes(body: string | Uint8Array): string | Buffer {
  if (typeof body === 'string') return body;
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}

function plainQuery(query: NonNullable<SdkRequest['query']>): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : [...(value ?? [''])],
    ]),
  );
}

/** As `node:http` gives them to a client: one text per name. */
function plainHeaders(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : String(value)]),
  );
}
