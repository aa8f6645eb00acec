import { EventStreamCodec } from '@smithy/core/event-streams';

const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8')),
  (text) => Buffer.from(text, 'utf8'),
);

/**
 * A message of `application/vnd.amazon.eventstream` that tells something, e.g. `SubscribeToShardEvent`.
 * https://smithy.io/2.0/aws/amazon-eventstream.html
 */
export function eventMessage(type: string, payload: object): Uint8Array {
  return message({ ':message-type': 'event', ':event-type': type }, payload);
}

/** The message that ends the stream with an error of the model, e.g. `ResourceInUseException`. */
export function exceptionMessage(type: string, reason: string): Uint8Array {
  const headers = { ':message-type': 'exception', ':exception-type': type };
  return message(headers, { message: reason });
}

function message(headers: Readonly<Record<string, string>>, payload: object): Uint8Array {
  const all = { ...headers, ':content-type': 'application/json' };
  const tagged = Object.entries(all).map(([name, value]) => [name, { type: 'string', value }]);
  return codec.encode({
    headers: Object.fromEntries(tagged),
    body: Buffer.from(JSON.stringify(payload)),
  });
}
