import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import { DeleteMessageBatchCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { Clock } from '../../clock.ts';
import { MAX_INVOCATION_BYTES } from '../../lambda/invoker.ts';

/** SQS hands out and deletes at most this many messages per request. */
const PER_REQUEST = 10;
const LONG_POLL_SECONDS = 20;

/**
 * Collects one batch: a long poll for the first messages, then more until the batch is full, an
 * event can hold no more, or the window has passed. Comes back empty when nothing arrived.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html (batching)
 */
export async function receiveBatch(options: {
  client: SQSClient;
  queueUrl: string;
  batchSize: number;
  windowMs: number;
  clock: Clock;
  signal: AbortSignal;
}): Promise<Message[]> {
  const { client, queueUrl, batchSize, windowMs, clock, signal } = options;
  const messages: Message[] = [];
  let bytes = 0;
  let closesAt: number | undefined;
  do {
    const left = closesAt === undefined ? undefined : Math.max(0, closesAt - clock.now());
    const waitSeconds = left === undefined ? LONG_POLL_SECONDS : Math.floor(left / 1000);
    const received = await client
      .send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: Math.min(PER_REQUEST, batchSize - messages.length),
          WaitTimeSeconds: Math.min(waitSeconds, LONG_POLL_SECONDS),
          MessageSystemAttributeNames: ['All'],
          MessageAttributeNames: ['All'],
        }),
        { abortSignal: signal },
      )
      .catch((error: unknown) => {
        // What was collected before is in flight by now: it has to be delivered all the same.
        if (messages.length > 0 || signal.aborted) return { Messages: [] };
        throw error;
      });
    const arrived = received.Messages ?? [];
    messages.push(...arrived);
    for (const { Body = '' } of arrived) bytes += Buffer.byteLength(Body);
    if (messages.length === 0) return [];
    closesAt ??= clock.now() + windowMs;
    if (arrived.length === 0 && closesAt - clock.now() < 1000) break;
  } while (
    messages.length < batchSize &&
    hasRoom(bytes) &&
    clock.now() < closesAt &&
    !signal.aborted
  );
  return messages;
}

const hasRoom = (bytes: number) => bytes < MAX_INVOCATION_BYTES;

/** Deletes what is done. A message that cannot be deleted is delivered again: at least once. */
export async function deleteMessages(
  client: SQSClient,
  queueUrl: string,
  messages: readonly Message[],
): Promise<void> {
  for (let index = 0; index < messages.length; index += PER_REQUEST) {
    const Entries = messages.slice(index, index + PER_REQUEST).map((message, position) => ({
      Id: String(position),
      ReceiptHandle: message.ReceiptHandle,
    }));
    await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  }
}
