import type { QueueTrigger, StreamTrigger } from '../ports.ts';

/** A whole number between the two, or one of the exceptions. */
interface Range {
  readonly from: number;
  readonly to: number;
  readonly or?: number;
}

/**
 * https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
 * By setting as the triggers name it, with AWS's own name for the message.
 */
const STREAM_RANGES = {
  batchSize: ['BatchSize', { from: 1, to: 10_000 }],
  batchWindowSeconds: ['MaximumBatchingWindowInSeconds', { from: 0, to: 300 }],
  parallelizationFactor: ['ParallelizationFactor', { from: 1, to: 10 }],
  maximumRetryAttempts: ['MaximumRetryAttempts', { from: -1, to: 10_000 }],
  maximumRecordAgeSeconds: ['MaximumRecordAgeInSeconds', { from: 60, to: 604_800, or: -1 }],
  tumblingWindowSeconds: ['TumblingWindowInSeconds', { from: 0, to: 900 }],
} as const satisfies Partial<Record<keyof StreamTrigger, readonly [string, Range]>>;

const QUEUE_RANGES = {
  batchSize: ['BatchSize', { from: 1, to: 10_000 }],
  batchWindowSeconds: ['MaximumBatchingWindowInSeconds', { from: 0, to: 300 }],
  maximumConcurrency: ['MaximumConcurrency', { from: 2, to: 1_000 }],
} as const satisfies Partial<Record<keyof QueueTrigger, readonly [string, Range]>>;

/** AWS gives five and ten on request. https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html */
export const FILTERS = { without: 5, onRequest: 10 };

/** What CreateEventSourceMapping would refuse, in one sentence; undefined if nothing. */
export function mappingRefusal(trigger: StreamTrigger | QueueTrigger): string | undefined {
  if (trigger.filterPatterns.length > FILTERS.onRequest) {
    return `FilterCriteria has at most ${FILTERS.onRequest} filters, not ${trigger.filterPatterns.length}.`;
  }
  return trigger.kind === 'sqs' ? queueRefusal(trigger) : streamRefusal(trigger);
}

function streamRefusal(trigger: StreamTrigger): string | undefined {
  const { kind, startingPosition, startingPositionTimestamp, onFailureArn } = trigger;
  if (trigger.tumblingWindowSeconds > 0 && trigger.parallelizationFactor > 1) {
    return 'TumblingWindowInSeconds needs a ParallelizationFactor of 1.';
  }
  if (startingPosition === 'AT_TIMESTAMP' && kind === 'dynamodb') {
    return 'DynamoDB Streams know no StartingPosition AT_TIMESTAMP.';
  }
  if (startingPosition === 'AT_TIMESTAMP' && startingPositionTimestamp === undefined) {
    return 'StartingPosition AT_TIMESTAMP needs a StartingPositionTimestamp.';
  }
  if (onFailureArn !== undefined && !/^arn:[^:]+:(sqs|sns|s3):/.test(onFailureArn)) {
    return `The on-failure destination ${onFailureArn} is neither a queue, a topic nor a bucket.`;
  }
  return outOfRange(trigger, STREAM_RANGES);
}

function queueRefusal(trigger: QueueTrigger): string | undefined {
  const isFifo = trigger.sourceArn.endsWith('.fifo');
  if (isFifo && trigger.batchSize > 10) return 'BatchSize of a FIFO queue is at most 10.';
  if (isFifo && trigger.batchWindowSeconds > 0) return 'A FIFO queue has no batching window.';
  if (trigger.batchSize > 10 && trigger.batchWindowSeconds < 1) {
    return 'BatchSize above 10 needs a MaximumBatchingWindowInSeconds (batch window) of at least 1 s.';
  }
  return outOfRange(trigger, QUEUE_RANGES);
}

function outOfRange(
  settings: object,
  ranges: Readonly<Record<string, readonly [string, Range]>>,
): string | undefined {
  for (const [setting, [name, { from, to, or }]] of Object.entries(ranges)) {
    const value = (settings as Record<string, unknown>)[setting];
    if (typeof value !== 'number' || value === or) continue;
    if (Number.isInteger(value) && value >= from && value <= to) continue;
    const exception = or === undefined ? '' : `${or} or `;
    return `${name} is ${exception}a whole number from ${from} to ${to}, not ${value}.`;
  }
  return undefined;
}
