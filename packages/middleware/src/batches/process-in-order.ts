import { classify } from '../errors.ts';
import { eachConcurrently } from './each-concurrently.ts';
import { compareSequenceNumbers } from './sequence-numbers.ts';

/** What a stream consumer with ReportBatchItemFailures answers. */
export interface BatchResponse {
  batchItemFailures: { itemIdentifier: string }[];
}

export interface InOrderOptions<R> {
  /** Records of one key are processed one after the other. */
  readonly keyOf: (record: R) => string;
  /** The stream's sequence number. Records that share one (KPL) succeed or come again together. */
  readonly sequenceOf: (record: R) => string;
  /** Must be idempotent: what succeeded behind a failure comes again. */
  readonly process: (record: R) => Promise<void>;
  /** Puts the record aside for good (dead letter). If it fails, the record is retried. */
  readonly onPermanent: (record: R, error: unknown) => Promise<void>;
  /** Told of a record that will come again, for logs and metrics. */
  readonly onTransient?: (record: R, error: unknown) => void;
  /** Keys side by side. Default 10. */
  readonly concurrency?: number;
  /** False when the function is about to be stopped: no further record is begun. Default: always true. */
  readonly hasTimeLeft?: () => boolean;
}

/**
 * Processes a batch of one shard: records of a key in the batch's order, keys side by side, each key
 * stopping at its first transient failure. Answers the LOWEST sequence number that is not done, from
 * which Lambda retries; nothing before it is undone.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
 */
export async function processInOrder<R>(
  records: readonly R[],
  options: InOrderOptions<R>,
): Promise<BatchResponse> {
  const lanes = lanesOf(records, options.keyOf);
  let lowest: string | undefined;
  const leave = (record: R) => {
    const sequence = options.sequenceOf(record);
    if (lowest === undefined || compareSequenceNumbers(sequence, lowest) < 0) lowest = sequence;
  };
  await eachConcurrently(lanes, options.concurrency ?? 10, (lane) =>
    processLane(lane, options, leave),
  );
  return { batchItemFailures: lowest === undefined ? [] : [{ itemIdentifier: lowest }] };
}

async function processLane<R>(
  lane: readonly R[],
  options: InOrderOptions<R>,
  leave: (record: R) => void,
): Promise<void> {
  for (const [index, record] of lane.entries()) {
    const timely = options.hasTimeLeft?.() ?? true;
    if (!timely || !(await isDone(record, options))) {
      // All that is left of the key is undone, not only this record: a batch of de-aggregated
      // records or of another source need not be sorted.
      for (const undone of lane.slice(index)) leave(undone);
      return;
    }
  }
}

async function isDone<R>(record: R, options: InOrderOptions<R>): Promise<boolean> {
  try {
    await options.process(record);
    return true;
  } catch (error) {
    if (classify(error) === 'permanent') return isPutAside(record, error, options);
    options.onTransient?.(record, error);
    return false;
  }
}

async function isPutAside<R>(
  record: R,
  error: unknown,
  options: InOrderOptions<R>,
): Promise<boolean> {
  try {
    await options.onPermanent(record, error);
    return true;
  } catch (failure) {
    options.onTransient?.(record, failure);
    return false;
  }
}

function lanesOf<R>(records: readonly R[], keyOf: (record: R) => string): R[][] {
  const lanes = new Map<string, R[]>();
  for (const record of records) {
    const key = keyOf(record);
    const lane = lanes.get(key);
    if (lane) lane.push(record);
    else lanes.set(key, [record]);
  }
  return [...lanes.values()];
}
