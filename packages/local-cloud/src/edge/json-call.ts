import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EngineAnswer } from '../engines/kinesis.ts';
import { header } from './message.ts';

const CONTENT_TYPE = 'application/x-amz-json-1.1';

/** The parts of a signature (Signature Version 4), in the header or in the query. */
const IN_HEADER = ['Credential=', 'SignedHeaders=', 'Signature='];
const IN_QUERY = ['Algorithm', 'Credential', 'Signature', 'SignedHeaders', 'Date'].map(
  (part) => `X-Amz-${part}`,
);

/** What answers name for scripts of other origins. */
const EXPOSED =
  'x-amzn-RequestId,x-amzn-ErrorType,x-amz-request-id,x-amz-id-2,x-amzn-ErrorMessage,Date';

/** Whether the request is a call by the JSON protocol that somebody signed, whatever it says. */
export function isJsonCall(request: IncomingMessage): boolean {
  const type = header(request, 'content-type')?.split(';')[0]?.trim();
  return request.method === 'POST' && type === CONTENT_TYPE && isSigned(request);
}

function isSigned({ headers, url = '' }: IncomingMessage): boolean {
  const { authorization } = headers;
  const query = new URLSearchParams(url.split('?')[1]);
  if (query.has('X-Amz-Algorithm')) {
    return authorization === undefined && IN_QUERY.every((part) => query.has(part));
  }
  const isDated = (headers['x-amz-date'] ?? headers.date) !== undefined;
  return isDated && IN_HEADER.every((part) => authorization?.includes(part));
}

/** Answers a call as Kinesis does: what has nothing to say has no body. */
export function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  { status, body }: EngineAnswer,
): void {
  const text = Object.keys(body).length > 0 ? JSON.stringify(body) : '';
  response.writeHead(status, {
    'x-amzn-RequestId': randomUUID(),
    'x-amz-id-2': randomBytes(72).toString('base64'),
    ...(request.headers.origin !== undefined && {
      'Access-Control-Allow-Origin': '*',
      'Access-Control-Expose-Headers': EXPOSED,
    }),
    'Content-Type': CONTENT_TYPE,
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}
