import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import { MAX_INVOCATION_BYTES } from '../../lambda/invoker.ts';
import type { FunctionInvoker, InvokeResult, QueueTrigger } from '../../ports.ts';
import { isAnswer, readBatchResponse } from '../batch-response.ts';
import { createRecordFilter } from '../filters/event-filter.ts';
import { NO_COUNTS } from '../running-trigger.ts';
import { deleteMessages } from './batch.ts';
import { messageRecord } from './event.ts';

/** A message with its element of `Records` as JSON text. */
interface Item {
  readonly message: Message;
  readonly json: string;
}

/**
 * Hands batches to the function. A message is deleted when the function is done with it, or when no
 * filter wants it; what failed becomes visible again after the queue's visibility timeout, and goes
 * to the queue's own dead letter queue after `maxReceiveCount` receptions.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function createDelivery(options: {
  readonly trigger: QueueTrigger;
  readonly client: SQSClient;
  readonly invoker: FunctionInvoker;
}) {
  const { trigger, client, invoker } = options;
  const filter = createRecordFilter('sqs', trigger.filterPatterns);
  const counts = { ...NO_COUNTS } as { -readonly [name in keyof typeof NO_COUNTS]: number };
  let inFlight = 0;
  let pending = 0;

  async function deliver(url: string, messages: readonly Message[]): Promise<void> {
    pending += messages.length;
    try {
      const wanted: Item[] = [];
      const unwanted: Message[] = [];
      for (const message of messages) {
        const record = messageRecord(message, trigger.sourceArn);
        if (filter(record)) wanted.push({ message, json: JSON.stringify(record) });
        else unwanted.push(message);
      }
      await deleteMessages(client, url, unwanted);
      counts.filtered += unwanted.length;
      for (const batch of withinPayloadLimit(wanted)) {
        await deleteMessages(client, url, await invoke(batch));
      }
    } finally {
      pending -= messages.length;
    }
  }

  /** @returns the messages that are done */
  async function invoke(batch: readonly Item[]): Promise<readonly Message[]> {
    const payload = `{"Records":[${batch.map(({ json }) => json).join(',')}]}`;
    inFlight += 1;
    const result = await invoker.invoke(trigger.functionName, payload);
    inFlight -= 1;
    const messages = batch.map(({ message }) => message);
    const done = succeeded(result, messages);
    counts.delivered += done.length;
    if (isAnswer(result)) counts.retried += messages.length - done.length;
    if (result.kind === 'throttled') counts.throttles += 1;
    return done;
  }

  function succeeded(result: InvokeResult, messages: readonly Message[]): readonly Message[] {
    if (result.kind !== 'success') return [];
    if (!trigger.reportBatchItemFailures) return messages;
    const identifiers = messages.map((message) => message.MessageId ?? '');
    const response = readBatchResponse(result.payload, identifiers);
    if (response.kind === 'success') return messages;
    if (response.kind === 'whole-batch-failed') return [];
    return messages.filter((message) => !response.failed.has(message.MessageId ?? ''));
  }

  return {
    deliver,
    counts: counts as Readonly<typeof counts>,
    load: () => ({ inFlight, pending }),
  };
}

/** Cuts a batch where its event would be larger than an invocation may be. */
function withinPayloadLimit(items: readonly Item[]): Item[][] {
  const batches: Item[][] = [];
  let room = 0;
  for (const item of items) {
    const bytes = Buffer.byteLength(item.json) + 1;
    if (bytes > room) {
      batches.push([]);
      room = MAX_INVOCATION_BYTES - ENVELOPE_BYTES;
    }
    batches.at(-1)?.push(item);
    room -= bytes;
  }
  return batches;
}

const ENVELOPE_BYTES = Buffer.byteLength('{"Records":[]}');
