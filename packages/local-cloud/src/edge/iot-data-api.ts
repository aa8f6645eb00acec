import type { IncomingMessage, ServerResponse } from 'node:http';
import { MAX_PAYLOAD_BYTES, topicProblem } from '../iot/limits.ts';
import { SHADOW_TOPIC } from '../iot/shadows/shadow-topics.ts';
import type { Shadows } from '../iot/shadows/shadows.ts';
import type { MessageBus } from '../ports.ts';
import { notOffered, sendAwsError } from './aws-error.ts';
import { BodyTooLargeError, readBody, sendJson } from './message.ts';
import { handleShadow, SHADOW_PATH } from './shadow-api.ts';

/**
 * IoT data plane: shadows, and `POST /topics/{topic}?qos=0|1`. The answer comes when every topic rule has taken
 * the message durably.
 * https://docs.aws.amazon.com/iot/latest/apireference/API_iotdata_Publish.html
 */
export async function handleIotData(
  { bus, shadows }: { readonly bus: MessageBus; readonly shadows: Shadows },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = request.url ?? '/';
  const [path = '/', query] = url.split('?');
  if (SHADOW_PATH.test(path)) return handleShadow({ shadows, bus }, request, response);
  if (request.method !== 'POST' || !path.startsWith('/topics/')) {
    sendAwsError(response, 'rest-json', notOffered(`IoT data plane ${request.method} ${path}`));
    return;
  }
  const topic = decodeTopic(path.slice('/topics/'.length));
  const qos = new URLSearchParams(query).get('qos') ?? '0';
  const problem = topic === undefined ? 'the topic is not URL-encoded' : problemOf(topic);
  if (topic === undefined || problem !== undefined || !/^[01]$/.test(qos)) {
    invalid(response, problem ?? `qos ${qos} is not 0 or 1`);
    return;
  }
  try {
    const payload = await readBody(request, MAX_PAYLOAD_BYTES);
    await bus.publish(topic, payload, qos === '1' ? 1 : 0);
    sendJson(response, 200, { message: 'OK' });
  } catch (error) {
    if (!(error instanceof BodyTooLargeError)) throw error;
    invalid(response, error.message, 413, 'RequestEntityTooLargeException');
  }
}

function invalid(
  response: ServerResponse,
  reason: string,
  status = 400,
  code = 'InvalidRequestException',
): void {
  sendAwsError(response, 'rest-json', { code, message: `Invalid publish: ${reason}.`, status });
}

/** Of AWS's own topics, those of shadows may be published to. */
function problemOf(topic: string): string | undefined {
  return SHADOW_TOPIC.test(topic) ? undefined : topicProblem(topic);
}

function decodeTopic(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded);
  } catch {
    // A percent sign that encodes nothing.
    return undefined;
  }
}
