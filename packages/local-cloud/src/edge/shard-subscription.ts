import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { eventMessage, exceptionMessage } from '../kinesis/event-stream.ts';
import { SubscriptionError } from '../kinesis/subscription.ts';
import type { Subscription } from '../kinesis/subscriptions.ts';

/** Resolves when the client can take more, or is gone. */
function roomOrEnd(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}

/** Sends the events as they come, and no faster than the client reads; ends with the subscription. */
export async function sendSubscription(
  subscription: Subscription,
  response: ServerResponse,
): Promise<void> {
  const { events, stop } = subscription;
  response.on('close', stop);
  // A client may reset at any time, and `close` follows.
  response.on('error', stop);
  if (response.destroyed) stop();
  const write = async (message: Uint8Array) => {
    if (!response.write(message) && !response.destroyed) await roomOrEnd(response);
  };
  response.writeHead(200, {
    'content-type': 'application/vnd.amazon.eventstream',
    'x-amzn-requestid': randomUUID(),
  });
  try {
    await write(eventMessage('initial-response', {}));
    for await (const event of events) await write(eventMessage('SubscribeToShardEvent', event));
  } catch (error) {
    if (!(error instanceof SubscriptionError)) throw error;
    await write(exceptionMessage(error.type, error.message));
  } finally {
    stop();
    response.end();
  }
}
