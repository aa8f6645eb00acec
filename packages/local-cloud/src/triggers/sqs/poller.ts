import { GetQueueUrlCommand, type Message, type SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '../../clock.ts';
import { endWithin } from '../../grace.ts';
import type { Log } from '../../lambda/log.ts';
import type { FunctionInvoker, InvokeResult, MappingStatus, QueueTrigger } from '../../ports.ts';
import { createWake } from '../../wake.ts';
import { sourceName } from '../arn.ts';
import { isNotFound } from '../aws-clients.ts';
import { isAnswer, readBatchResponse } from '../batch-response.ts';
import { createRecordFilter } from '../filters/event-filter.ts';
import { NO_COUNTS, type RunningTrigger } from '../running-trigger.ts';
import { deleteMessages, receiveBatch } from './batch.ts';
import { messageRecord } from './event.ts';

/** How many batches of one queue are worked on at once, unless `maximumConcurrency` says otherwise. */
const POLLERS = 2;
const WAITING_MS = 1_000;

/**
 * Polls a queue and invokes the function with batches of messages. A message is deleted when the
 * function is done with it; what failed becomes visible again after the queue's visibility timeout,
 * and goes to the queue's own dead letter queue after `maxReceiveCount` receptions.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function startQueuePoller(options: {
  id: string;
  trigger: QueueTrigger;
  client: SQSClient;
  clock: Clock;
  invoker: FunctionInvoker;
  log: Log;
  isAvailable(): boolean;
}): RunningTrigger {
  const { id, trigger, client, clock, invoker, log } = options;
  const filter = createRecordFilter('sqs', trigger.filterPatterns);
  const stopping = new AbortController();
  const { signal } = stopping;
  const counts: { -readonly [name in keyof typeof NO_COUNTS]: number } = { ...NO_COUNTS };
  const wakes = Array.from({ length: trigger.maximumConcurrency ?? POLLERS }, () =>
    createWake(clock),
  );
  let state: 'waiting-for-source' | 'running' = 'waiting-for-source';
  let queueUrl: string | undefined;
  let inFlight = 0;
  let pending = 0;
  let lastError: string | undefined;

  async function poll(wake: ReturnType<typeof createWake>): Promise<void> {
    while (!signal.aborted) {
      try {
        // Receiving for a function that is not there would use up `maxReceiveCount` for nothing.
        if (!options.isAvailable()) {
          await wake.wait(undefined, signal);
        } else {
          queueUrl ??= await findQueue();
          const { batchSize, batchWindowSeconds } = trigger;
          const windowMs = batchWindowSeconds * 1000;
          const batch = { client, queueUrl, batchSize, windowMs, clock, signal };
          const messages = await receiveBatch(batch);
          pending += messages.length;
          await deliver(queueUrl, messages).finally(() => {
            pending -= messages.length;
          });
        }
      } catch (error) {
        if (signal.aborted) return;
        note(error);
        await wake.wait(clock.now() + WAITING_MS, signal);
      }
    }
  }

  async function findQueue(): Promise<string> {
    const QueueName = sourceName(trigger.sourceArn);
    const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName }));
    state = 'running';
    return QueueUrl ?? '';
  }

  async function deliver(url: string, messages: readonly Message[]): Promise<void> {
    const records = messages.map((message) => messageRecord(message, trigger.sourceArn));
    // As on AWS: a message that no pattern wants is deleted from the queue.
    const wanted = messages.filter((_, index) => filter(records[index] ?? {}));
    const unwanted = messages.filter((message) => !wanted.includes(message));
    if (wanted.length > 0) {
      const Records = records.filter((record) => filter(record));
      inFlight += 1;
      const result = await invoker.invoke(trigger.functionName, JSON.stringify({ Records }));
      inFlight -= 1;
      const done = succeeded(result, wanted);
      counts.delivered += done.length;
      if (result.kind === 'throttled') counts.throttles += 1;
      if (isAnswer(result)) counts.retried += wanted.length - done.length;
      await deleteMessages(client, url, [...unwanted, ...done]);
    } else if (unwanted.length > 0) await deleteMessages(client, url, unwanted);
    counts.filtered += unwanted.length;
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

  function note(error: unknown): void {
    if (isNotFound(error)) {
      state = 'waiting-for-source';
      queueUrl = undefined;
      return;
    }
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    if (message !== lastError) log.warn(`${trigger.functionName}: ${message}`);
    lastError = message;
  }

  function currentState(): MappingStatus['state'] {
    if (signal.aborted) return 'stopped';
    return options.isAvailable() ? state : 'waiting-for-function';
  }

  const loops = wakes.map(poll);
  const wakeAll = () => {
    for (const wake of wakes) wake.notify();
  };
  return {
    status: () => ({
      id,
      kind: 'sqs',
      functionName: trigger.functionName,
      source: trigger.sourceArn,
      state: currentState(),
      shards: [
        {
          ...{ shardId: '-', parents: [], state: 'reading', checkpoint: null },
          ...{ iteratorAgeMs: 0, inFlight, pending, attempts: 0 },
        },
      ],
      ...counts,
      ...(lastError !== undefined && { lastError }),
    }),
    nudge: wakeAll,
    resume: wakeAll,
    async stop(graceMs) {
      stopping.abort();
      await endWithin(clock, graceMs, loops);
    },
  };
}
