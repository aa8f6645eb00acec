import type { IncomingMessage, ServerResponse } from 'node:http';
import { ShadowError } from '../iot/shadows/request.ts';
import { publishShadow } from '../iot/shadows/shadow-topics.ts';
import type { Shadows } from '../iot/shadows/shadows.ts';
import type { MessageBus } from '../ports.ts';
import { notOffered, sendAwsError } from './aws-error.ts';
import { readBody, sendJson } from './message.ts';

const MAX_REQUEST_BYTES = 128 * 1024;

const CODES = {
  400: 'InvalidRequestException',
  404: 'ResourceNotFoundException',
  409: 'ConflictException',
  413: 'RequestEntityTooLargeException',
} as const;

export const SHADOW_PATH = /^\/things\/([^/]+)\/shadow$/;

/**
 * `GET`, `POST` and `DELETE /things/{thing}/shadow`. What an update or a deletion tells by MQTT, it
 * tells here too; what is refused is only answered.
 * https://docs.aws.amazon.com/iot/latest/developerguide/device-shadow-rest-api.html
 */
export async function handleShadow(
  { shadows, bus }: { readonly shadows: Shadows; readonly bus: MessageBus },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [path = '/', query] = (request.url ?? '/').split('?');
  const payload = await readBody(request, MAX_REQUEST_BYTES);
  if (new URLSearchParams(query).get('name')) {
    return sendAwsError(response, 'rest-json', notOffered('A named shadow'));
  }
  const thing = SHADOW_PATH.exec(path)?.[1] ?? '';
  try {
    const name = nameOf(thing);
    const messages = run(shadows, request.method ?? '', name, payload);
    if (!messages) {
      const what = `IoT data plane ${request.method} ${path}`;
      return sendAwsError(response, 'rest-json', notOffered(what));
    }
    for (const message of request.method === 'GET' ? [] : messages) {
      await publishShadow((topic, bytes) => bus.publish(topic, bytes, 1), name, message);
    }
    sendJson(response, 200, messages[0].document);
  } catch (error) {
    if (!(error instanceof ShadowError)) throw error;
    const { code: status, message } = error;
    sendAwsError(response, 'rest-json', { code: CODES[status], message, status });
  }
}

function run(shadows: Shadows, method: string, thing: string, payload: Buffer) {
  const nothing = Buffer.alloc(0);
  switch (method) {
    case 'GET':
      return shadows.get(thing, nothing);
    case 'POST':
      return shadows.update(thing, payload);
    case 'DELETE':
      return shadows.remove(thing, nothing);
    default:
      return undefined;
  }
}

function nameOf(encoded: string): string {
  // Colons may be encoded; nothing else of a name needs it.
  const name = encoded.replace(/%3a/gi, ':');
  if (/^[\w:-]{1,128}$/.test(name)) return name;
  throw new ShadowError(400, `${encoded} is not a thing's name`);
}
