import { setInterval } from 'node:timers';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { classify, errorCode, reasonOf } from '../errors.ts';
import { functionHandler, type LambdaFunction } from '../handler.ts';
import type { Invocation } from '../invocation.ts';
import { MetricUnit, metrics } from '../metrics.ts';

/** What a worker may know of the message that it works on, and say while it does. */
export interface Delivery {
  readonly messageId: string;
  /** 1 for the first time. */
  readonly receiveCount: number;
  readonly invocation: Invocation;
  /** Called every ten seconds while the message is worked on; what it throws is logged only. */
  onBeat(listener: () => Promise<void>): void;
}

/** Hides messages of one queue from other consumers. */
export interface MessageVisibility {
  /** @param seconds from now, 0 to 43,200 */
  hide(receiptHandle: string, seconds: number): Promise<void>;
}

export interface QueueHandlerOptions<T> {
  /** @throws PermanentError when the message will never be readable */
  readonly parse: (body: string) => T;
  /** Must be idempotent: a message may come twice. */
  readonly work: (message: T, delivery: Delivery) => Promise<void>;
  /**
   * Keeps a message that will never succeed, with the reason; it leaves the queue then. If it
   * rejects, the message is tried again.
   */
  readonly giveUp: (body: string, reason: { code: string; message: string }) => Promise<void>;
  readonly visibility: MessageVisibility;
}

/** A message of a killed function is tried again after this, not after the queue's own timeout. */
const HIDDEN_SECONDS = 35;
const BEAT_MS = 10_000;

/**
 * A Lambda function behind an SQS event source mapping with ReportBatchItemFailures, for work that
 * may take minutes: the queue's visibility timeout has to be six times the function's, but here a
 * heartbeat hides the message for half a minute at a time, so that the work of a killed function
 * goes on soon after. What fails comes again after 5, 20, 80, … seconds, until the queue's redrive
 * policy takes it.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function queueHandler<T>(
  options: QueueHandlerOptions<T>,
): LambdaFunction<SQSEvent, SQSBatchResponse> {
  return functionHandler(async ({ Records }, invocation) => {
    metrics.addMetric('RecordsReceived', MetricUnit.Count, Records.length);
    const failed: string[] = [];
    for (const record of Records) {
      if (!(await isDone(record, options, invocation))) failed.push(record.messageId);
    }
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  });
}

async function isDone<T>(
  record: SQSRecord,
  options: QueueHandlerOptions<T>,
  invocation: Invocation,
): Promise<boolean> {
  const { logger } = invocation;
  const { messageId, receiptHandle, body } = record;
  const receiveCount = Number(record.attributes.ApproximateReceiveCount);
  const hide = async (seconds: number) => {
    try {
      await options.visibility.hide(receiptHandle, seconds);
    } catch (error) {
      // Then the queue's own timeout holds: later, not lost.
      logger.warn('message not hidden', { messageId, code: errorCode(error) });
    }
  };
  const listeners: (() => Promise<void>)[] = [() => hide(HIDDEN_SECONDS)];
  const beat = async () => {
    const beaten = await Promise.allSettled(listeners.map((listener) => listener()));
    for (const one of beaten) {
      if (one.status === 'rejected') {
        logger.warn('heartbeat failed', { messageId, code: errorCode(one.reason) });
      }
    }
  };
  const beating = setInterval(() => void beat(), BEAT_MS);
  try {
    await hide(HIDDEN_SECONDS);
    const onBeat = (listener: () => Promise<void>) => void listeners.push(listener);
    const message = options.parse(body);
    await options.work(message, { messageId, receiveCount, invocation, onBeat });
    return true;
  } catch (error) {
    clearInterval(beating);
    return await isSettled(error);
  } finally {
    clearInterval(beating);
  }

  async function isSettled(error: unknown): Promise<boolean> {
    const tell = { messageId, receiveCount, code: errorCode(error) };
    if (classify(error) === 'permanent') {
      try {
        await options.giveUp(body, reasonOf(error));
        logger.error('message given up', { ...tell, ...(error instanceof Error && { error }) });
        metrics.addMetric('RecordsDeadLettered', MetricUnit.Count, 1);
        return true;
      } catch (failure) {
        logger.error('message not given up', { ...tell, code: errorCode(failure) });
      }
    }
    logger.warn('message will be retried', { ...tell, ...(error instanceof Error && { error }) });
    metrics.addMetric('RecordsRetried', MetricUnit.Count, 1);
    await hide(backoffSeconds(receiveCount));
    return false;
  }
}

/** With jitter, so that what failed together does not come back together. */
function backoffSeconds(receiveCount: number): number {
  const seconds = Math.min(900, 5 * 4 ** (Math.max(1, receiveCount) - 1));
  return Math.ceil(seconds * (0.75 + Math.random() / 2));
}
