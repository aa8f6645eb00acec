import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { send } from './message.ts';

/** How a service words its answers: AWS JSON (X-Amz-Target), REST-JSON, Query (XML) or S3's XML. */
export type Protocol = 'json' | 'rest-json' | 'query' | 's3';

export interface AwsError {
  /** e.g. `ResourceNotFoundException` */
  readonly code: string;
  readonly message: string;
  /** HTTP status; below 500 the sender is at fault. */
  readonly status: number;
}

/** Answers with an error as the clients of the protocol understand it. */
export function sendAwsError(response: ServerResponse, protocol: Protocol, error: AwsError): void {
  const { code, message, status } = error;
  if (protocol === 'json') {
    const body = JSON.stringify({ __type: code, message });
    send(response, status, { 'content-type': 'application/x-amz-json-1.1' }, body);
  } else if (protocol === 'rest-json') {
    const type = status < 500 ? 'User' : 'Server';
    const headers = { 'content-type': 'application/json', 'x-amzn-errortype': code };
    send(response, status, headers, JSON.stringify({ Type: type, Message: message, message }));
  } else {
    send(response, status, { 'content-type': 'text/xml' }, xml(protocol, error));
  }
}

function xml(protocol: 'query' | 's3', { code, message, status }: AwsError): string {
  const requestId = randomUUID();
  const parts = `<Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message>`;
  if (protocol === 's3') return `<Error>${parts}<RequestId>${requestId}</RequestId></Error>`;
  const type = `<Type>${status < 500 ? 'Sender' : 'Receiver'}</Type>`;
  return `<ErrorResponse><Error>${type}${parts}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
}

export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** For what AWS has and the local cloud has not: names what is missing. */
export function notOffered(what: string): AwsError {
  return {
    code: 'UnknownOperationException',
    message: `${what} is not offered by the local cloud.`,
    status: 400,
  };
}
