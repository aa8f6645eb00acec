import { GetQueueUrlCommand, type Message, type SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '../../clock.ts';
import { endWithin } from '../../grace.ts';
import type { Log } from '../../lambda/log.ts';
import type { FunctionInvoker, MappingStatus, QueueTrigger } from '../../ports.ts';
import { createWake } from '../../wake.ts';
import { sourceName } from '../arn.ts';
import { isNotFound } from '../aws-clients.ts';
import type { RunningTrigger } from '../running-trigger.ts';
import { receiveBatch } from './batch.ts';
import { createDelivery } from './delivery.ts';

/** How many batches of one queue are worked on at once, unless `maximumConcurrency` says otherwise. */
const CONCURRENT_BATCHES = 2;
const WAITING_MS = 1_000;

/**
 * Polls a queue and invokes the function with batches of messages. Batches are collected one after
 * the other and worked on side by side, so that a batch fills up before the next one begins.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
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
  const { id, trigger, client, clock, log } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const wake = createWake(clock);
  const delivery = createDelivery(options);
  const underWay = new Set<Promise<void>>();
  const most = trigger.maximumConcurrency ?? CONCURRENT_BATCHES;
  let state: 'waiting-for-source' | 'running' = 'waiting-for-source';
  let queueUrl: string | undefined;
  let lastError: string | undefined;

  async function poll(): Promise<void> {
    while (!signal.aborted) {
      try {
        // Receiving for a function that is not there would use up `maxReceiveCount` for nothing.
        if (options.isAvailable() && underWay.size < most) await collect();
        else await wake.wait(undefined, signal);
      } catch (error) {
        if (signal.aborted) return;
        note(error);
        await wake.wait(clock.now() + WAITING_MS, signal);
      }
    }
  }

  async function collect(): Promise<void> {
    queueUrl ??= await findQueue();
    const { batchSize, batchWindowSeconds } = trigger;
    const windowMs = batchWindowSeconds * 1000;
    const batch = { client, queueUrl, batchSize, windowMs, clock, signal };
    const messages = await receiveBatch(batch);
    if (messages.length > 0) start(queueUrl, messages);
  }

  function start(url: string, messages: readonly Message[]): void {
    const work = delivery
      .deliver(url, messages)
      .catch(note)
      .finally(() => {
        underWay.delete(work);
        wake.notify();
      });
    underWay.add(work);
  }

  async function findQueue(): Promise<string> {
    const QueueName = sourceName(trigger.sourceArn);
    const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName }));
    state = 'running';
    return QueueUrl ?? '';
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

  const loop = poll();
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
          ...{ iteratorAgeMs: 0, attempts: 0, ...delivery.load() },
        },
      ],
      ...delivery.counts,
      ...(lastError !== undefined && { lastError }),
    }),
    nudge: () => wake.notify(),
    resume: () => wake.notify(),
    async stop(graceMs) {
      stopping.abort();
      await endWithin(clock, graceMs, [loop, ...underWay]);
    },
  };
}
