import type { DynamoDBRecord, KinesisStreamRecord } from 'aws-lambda';
import type { DeadLetterStore } from '../dead-letters/dead-letter-store.ts';
import { errorCode, reasonOf } from '../errors.ts';
import type { Invocation } from '../invocation.ts';
import { MetricUnit, metrics } from '../metrics.ts';
import { BatchFailure } from './batch-failure.ts';
import { type BatchResponse, processInOrder } from './process-in-order.ts';
import { compareSequenceNumbers } from './sequence-numbers.ts';
import type { StreamRecord } from './stream-record.ts';

/** Puts one record of the batch among the dead letters; rejects when that fails. */
export type PutAside<T, Raw> = (record: StreamRecord<T, Raw>, error: unknown) => Promise<void>;

export interface RecordWise<T, Raw> {
  /** Called in order per key; must be idempotent. */
  readonly process: (record: StreamRecord<T, Raw>, invocation: Invocation) => Promise<void>;
  readonly processBatch?: never;
}

export interface BatchWise<T, Raw> {
  /**
   * Does the whole batch, in its order; must be idempotent. Throws `BatchFailure` when all before a
   * record is done, anything else when the whole batch is to come again.
   */
  readonly processBatch: (
    records: readonly StreamRecord<T, Raw>[],
    invocation: Invocation,
    putAside: PutAside<T, Raw>,
  ) => Promise<void>;
  readonly process?: never;
}

export type StreamHandlerOptions<T, Raw> = (RecordWise<T, Raw> | BatchWise<T, Raw>) & {
  readonly deadLetters: DeadLetterStore;
  /** What needs order. Default: the partition key. */
  readonly keyOf?: (record: StreamRecord<T, Raw>) => string;
  /**
   * Milliseconds before the timeout in which no further record is begun, so that a partial result is
   * answered instead of the whole batch failing: longer than the longest request. Default 500.
   */
  readonly reservedMs?: number;
  /** Keys side by side. Default 10. */
  readonly concurrency?: number;
};

/** A record as it came: `value` is there once it was decoded. */
export interface Arrival<T, Raw> extends StreamRecord<T, Raw> {
  /** @throws PermanentError when the record will never be readable. */
  decode(): void;
  /** For the dead letter. */
  payload(): Uint8Array;
  readonly attributes: Readonly<Record<string, string>>;
}

const RESERVED_MS = 500;

/** Records that cannot be read, and why. */
type Unreadable<T, Raw> = ReadonlyMap<Arrival<T, Raw>, unknown>;

export async function handleStream<T, Raw extends KinesisStreamRecord | DynamoDBRecord>(
  arrivals: readonly Arrival<T, Raw>[],
  options: StreamHandlerOptions<T, Raw>,
  invocation: Invocation,
): Promise<BatchResponse> {
  const putAside: PutAside<T, Raw> = async (record, error) => {
    const arrival = arrivals.find((one) => one === record);
    if (!arrival) throw new TypeError('Only a record of this batch can be put aside.');
    await bury(arrival, error, options.deadLetters, invocation);
  };
  const unreadable = decodeAll(arrivals);
  metrics.addMetric('RecordsReceived', MetricUnit.Count, arrivals.length);
  return options.processBatch
    ? await wholeBatch(arrivals, unreadable, options, invocation, putAside)
    : await recordByRecord(arrivals, unreadable, options, invocation);
}

async function recordByRecord<T, Raw>(
  arrivals: readonly Arrival<T, Raw>[],
  unreadable: Unreadable<T, Raw>,
  options: RecordWise<T, Raw> & StreamHandlerOptions<T, Raw>,
  invocation: Invocation,
): Promise<BatchResponse> {
  return await processInOrder(arrivals, {
    keyOf: (arrival) =>
      options.keyOf && !unreadable.has(arrival) ? options.keyOf(arrival) : arrival.partitionKey,
    sequenceOf: ({ sequenceNumber }) => sequenceNumber,
    process: async (arrival) => {
      if (unreadable.has(arrival)) throw unreadable.get(arrival);
      await options.process(arrival, invocation);
    },
    onPermanent: (arrival, error) => bury(arrival, error, options.deadLetters, invocation),
    onTransient: (arrival, error) => tellOfRetry(arrival, error, invocation),
    hasTimeLeft: () => invocation.remainingMs() > (options.reservedMs ?? RESERVED_MS),
    ...(options.concurrency !== undefined && { concurrency: options.concurrency }),
  });
}

async function wholeBatch<T, Raw>(
  arrivals: readonly Arrival<T, Raw>[],
  unreadable: Unreadable<T, Raw>,
  options: BatchWise<T, Raw> & StreamHandlerOptions<T, Raw>,
  invocation: Invocation,
  putAside: PutAside<T, Raw>,
): Promise<BatchResponse> {
  const buried = await processInOrder([...unreadable.keys()], {
    keyOf: ({ id }) => id,
    sequenceOf: ({ sequenceNumber }) => sequenceNumber,
    process: (arrival) => Promise.reject(unreadable.get(arrival)),
    onPermanent: (arrival, error) => bury(arrival, error, options.deadLetters, invocation),
    onTransient: (arrival, error) => tellOfRetry(arrival, error, invocation),
  });
  // From an unreadable record that could not be put aside on, everything comes again.
  const limit = buried.batchItemFailures[0]?.itemIdentifier;
  const records =
    unreadable.size === 0
      ? arrivals
      : arrivals.filter(
          (one) =>
            !unreadable.has(one) &&
            (limit === undefined || compareSequenceNumbers(one.sequenceNumber, limit) < 0),
        );
  if (records.length === 0) return buried;
  try {
    await options.processBatch(records, invocation, putAside);
    return buried;
  } catch (error) {
    if (!(error instanceof BatchFailure)) throw error;
    invocation.logger.warn('batch will be retried from a record', {
      code: error.code,
      sequence_number: error.lowestSequenceNumber,
      error,
    });
    metrics.addMetric('RecordsRetried', MetricUnit.Count, 1);
    return { batchItemFailures: [{ itemIdentifier: error.lowestSequenceNumber }] };
  }
}

function decodeAll<T, Raw>(arrivals: readonly Arrival<T, Raw>[]): Unreadable<T, Raw> {
  const unreadable = new Map<Arrival<T, Raw>, unknown>();
  for (const arrival of arrivals) {
    try {
      arrival.decode();
    } catch (error) {
      unreadable.set(arrival, error);
    }
  }
  return unreadable;
}

async function bury<T, Raw>(
  arrival: Arrival<T, Raw>,
  error: unknown,
  deadLetters: DeadLetterStore,
  invocation: Invocation,
): Promise<void> {
  const reason = reasonOf(error);
  await deadLetters.addOnce({
    source: invocation.functionName,
    id: arrival.id,
    reason,
    payload: arrival.payload(),
    arrivedAt: arrival.arrivedAt,
    attributes: arrival.attributes,
  });
  invocation.logger.warn('record put among the dead letters', {
    record_id: arrival.id,
    code: reason.code,
  });
  metrics.addMetric('RecordsDeadLettered', MetricUnit.Count, 1);
}

function tellOfRetry<T, Raw>(arrival: Arrival<T, Raw>, error: unknown, invocation: Invocation) {
  invocation.logger.warn('record will be retried', {
    record_id: arrival.id,
    code: errorCode(error),
    ...(error instanceof Error && { error }),
  });
  metrics.addMetric('RecordsRetried', MetricUnit.Count, 1);
}
