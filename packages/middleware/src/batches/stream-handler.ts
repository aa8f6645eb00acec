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

/** A record as it came, not decoded yet. */
export interface Arrival<T, Raw> extends Omit<StreamRecord<T, Raw>, 'value'> {
  /** @throws PermanentError when the record will never be readable. */
  decode(): T;
  /** For the dead letter. */
  payload(): Uint8Array;
  readonly attributes: Readonly<Record<string, string>>;
}

const RESERVED_MS = 500;

type Decoded<T, Raw> = { readonly arrival: Arrival<T, Raw> } & (
  | { readonly record: StreamRecord<T, Raw> }
  | { readonly error: unknown }
);

export async function handleStream<T, Raw extends KinesisStreamRecord | DynamoDBRecord>(
  arrivals: readonly Arrival<T, Raw>[],
  options: StreamHandlerOptions<T, Raw>,
  invocation: Invocation,
): Promise<BatchResponse> {
  const arrivalOf = new Map(arrivals.map((arrival) => [arrival.id, arrival]));
  const putAside: PutAside<T, Raw> = async (record, error) => {
    const arrival = arrivalOf.get(record.id);
    if (!arrival) throw new TypeError('Only a record of this batch can be put aside.');
    await bury(arrival, error, options.deadLetters, invocation);
  };
  const decoded = arrivals.map(decode);
  metrics.addMetric('RecordsReceived', MetricUnit.Count, arrivals.length);
  return options.processBatch
    ? await wholeBatch(decoded, options, invocation, putAside)
    : await recordByRecord(decoded, options, invocation);
}

async function recordByRecord<T, Raw>(
  decoded: readonly Decoded<T, Raw>[],
  options: RecordWise<T, Raw> & StreamHandlerOptions<T, Raw>,
  invocation: Invocation,
): Promise<BatchResponse> {
  return await processInOrder(decoded, {
    keyOf: (one) =>
      'record' in one && options.keyOf ? options.keyOf(one.record) : one.arrival.partitionKey,
    sequenceOf: ({ arrival }) => arrival.sequenceNumber,
    process: async (one) => {
      if ('error' in one) throw one.error;
      await options.process(one.record, invocation);
    },
    onPermanent: ({ arrival }, error) => bury(arrival, error, options.deadLetters, invocation),
    onTransient: ({ arrival }, error) => tellOfRetry(arrival, error, invocation),
    hasTimeLeft: () => invocation.remainingMs() > (options.reservedMs ?? RESERVED_MS),
    ...(options.concurrency !== undefined && { concurrency: options.concurrency }),
  });
}

async function wholeBatch<T, Raw>(
  decoded: readonly Decoded<T, Raw>[],
  options: BatchWise<T, Raw> & StreamHandlerOptions<T, Raw>,
  invocation: Invocation,
  putAside: PutAside<T, Raw>,
): Promise<BatchResponse> {
  const unreadable = await processInOrder(
    decoded.filter((one) => 'error' in one),
    {
      keyOf: ({ arrival }) => arrival.id,
      sequenceOf: ({ arrival }) => arrival.sequenceNumber,
      process: ({ error }) => Promise.reject(error),
      onPermanent: ({ arrival }, error) => bury(arrival, error, options.deadLetters, invocation),
      onTransient: ({ arrival }, error) => tellOfRetry(arrival, error, invocation),
    },
  );
  // From an unreadable record that could not be put aside on, everything comes again.
  const limit = unreadable.batchItemFailures[0]?.itemIdentifier;
  const records = decoded.flatMap((one) =>
    'record' in one &&
    (limit === undefined || compareSequenceNumbers(one.record.sequenceNumber, limit) < 0)
      ? [one.record]
      : [],
  );
  if (records.length === 0) return unreadable;
  try {
    await options.processBatch(records, invocation, putAside);
    return unreadable;
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

function decode<T, Raw>(arrival: Arrival<T, Raw>): Decoded<T, Raw> {
  const { id, shardId, sequenceNumber, partitionKey, arrivedAt, raw } = arrival;
  try {
    const value = arrival.decode();
    return {
      arrival,
      record: { id, shardId, sequenceNumber, partitionKey, arrivedAt, value, raw },
    };
  } catch (error) {
    return { arrival, error };
  }
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
