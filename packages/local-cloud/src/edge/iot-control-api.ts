import type { IncomingMessage, ServerResponse } from 'node:http';
import { findOperation } from '../iot/control/operations.ts';
import { IotError, invalid } from '../iot/registry/iot-error.ts';
import type { Registry } from '../iot/registry/registry.ts';
import { sendAwsError } from './aws-error.ts';
import { header, readBody, sendJson } from './message.ts';

const MAX_REQUEST_BYTES = 1024 * 1024;

/**
 * AWS IoT's control plane: things, certificates, policies and what is attached to what. What it has
 * and the local cloud has not is named in the answer.
 * https://docs.aws.amazon.com/iot/latest/apireference/API_Operations_AWS_IoT.html
 */
export async function handleIotControl(
  registry: Registry,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [path = '/', search] = (request.url ?? '/').split('?');
  const bytes = await readBody(request, MAX_REQUEST_BYTES);
  try {
    const { operation, parts } = findOperation(request.method ?? 'GET', path);
    const answer = await operation.run({
      registry,
      path: parts,
      query: new URLSearchParams(search),
      body: jsonOf(bytes),
      principal: header(request, 'x-amzn-principal'),
    });
    sendJson(response, 200, answer);
  } catch (error) {
    if (!(error instanceof IotError)) throw error;
    sendAwsError(response, 'rest-json', error);
  }
}

function jsonOf(bytes: Buffer): Record<string, unknown> {
  if (bytes.length === 0) return {};
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Told below, together with JSON that is no object.
  }
  throw invalid('The request body is not a JSON object.');
}
