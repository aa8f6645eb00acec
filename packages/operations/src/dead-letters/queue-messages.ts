import type { Entry } from './entry.ts';

export interface QueueMessage {
  readonly id: string;
  readonly body: string;
  /** Milliseconds since the epoch. */
  readonly sentAt: number;
  /** By which this receipt of it is deleted or shown again. */
  readonly receipt: string;
  /** Of work that was given up: why. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** A range of a shard. */
export interface Range {
  readonly streamArn: string;
  readonly shardId: string;
  readonly first: string;
  readonly last: string;
}

/** What is to be done with a message. */
export type Content =
  | { readonly kind: 'batch'; readonly range: Range }
  | { readonly kind: 'invocation' | 'rule-error'; readonly event: unknown }
  | { readonly kind: 'none'; readonly why: string };

export interface MessageEntry extends Entry {
  readonly content: Content;
}

/** What lies in a queue of what was given up. */
export function readMessage(message: QueueMessage, service: string, stage: string): MessageEntry {
  const record = recordOf(message.body);
  const found =
    streamBatch(record) ??
    invocation(record) ??
    ruleError(record, message.sentAt, stage) ??
    unknown(message, record);
  return { id: message.id, service, at: message.sentAt, records: 1, status: 'open', ...found };
}

type Found = Pick<MessageEntry, 'kind' | 'functionName' | 'code' | 'message' | 'content'> &
  Partial<MessageEntry>;

/**
 * https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
 * https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
 */
function streamBatch(record: Record<string, unknown>): Found | undefined {
  const info = objectOf(record.KinesisBatchInfo ?? record.DDBStreamBatchInfo);
  const { streamArn, shardId, startSequenceNumber: first, endSequenceNumber: last } = info;
  if (![streamArn, shardId, first, last].every((one) => typeof one === 'string')) return undefined;
  const context = objectOf(record.requestContext);
  const count = Number(info.batchSize ?? 1);
  return {
    ...{ kind: 'batch', functionName: functionIn(context.functionArn), records: count },
    code: String(context.condition),
    message: `${count} records of ${shardId} from ${info.approximateArrivalOfFirstRecord}, after ${context.approximateInvokeCount} invocations`,
    content: {
      kind: 'batch',
      range: {
        ...{ streamArn: String(streamArn), shardId: String(shardId) },
        ...{ first: String(first), last: String(last) },
      },
    },
  };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
function invocation(record: Record<string, unknown>): Found | undefined {
  const context = objectOf(record.requestContext);
  if (!('requestPayload' in record) || typeof context.functionArn !== 'string') return undefined;
  const { errorMessage = context.condition } = objectOf(record.responsePayload);
  return {
    ...{ kind: 'invocation', functionName: functionIn(context.functionArn) },
    ...{ code: String(context.condition), message: String(errorMessage) },
    content: { kind: 'invocation', event: record.requestPayload },
  };
}

/**
 * What the rules `millrace_<stage>_telemetry` and `…_results` would have selected. The time of its
 * arrival is that of the queue, which was told at once.
 * https://docs.aws.amazon.com/iot/latest/developerguide/rule-error-handling.html
 */
function ruleError(
  record: Record<string, unknown>,
  receivedAt: number,
  stage: string,
): Found | undefined {
  const { ruleName, topic, base64OriginalPayload: data, clientId, cloudwatchTraceId } = record;
  if (typeof ruleName !== 'string' || typeof data !== 'string') return undefined;
  const [failure] = Array.isArray(record.failures) ? record.failures : [];
  const reason = {
    kind: 'rule-error' as const,
    code: ruleName,
    message: String(objectOf(failure).errorMessage ?? 'the rule failed'),
  };
  const ofRule = (name: string, pattern: RegExp) =>
    ruleName === `millrace_${stage}_${name}` ? pattern.exec(String(topic)) : null;
  const selected = { data, receivedAt, clientId, traceId: cloudwatchTraceId };
  const telemetry = ofRule('telemetry', /^devices\/([^/]+)\/telemetry$/);
  if (telemetry) {
    const event = { ...selected, deviceId: telemetry[1] };
    const functionName = `millrace-iot-ingest-${stage}-ingestReading`;
    return { ...reason, functionName, content: { kind: 'rule-error', event } };
  }
  const why = 'only readings can be handed over: a presence or a result is old by now';
  return { ...reason, functionName: '', content: { kind: 'none', why } };
}

/** Work on uploads as the queues of file-processing have it, or nothing that we know. */
function unknown({ attributes }: QueueMessage, record: Record<string, unknown>): Found {
  const { kind, version } = record;
  const isWork = typeof kind === 'string' && version !== undefined;
  return {
    ...{ kind: 'work', functionName: '', code: attributes.reasonCode ?? 'unknown' },
    message: attributes.reasonMessage ?? (isWork ? `work on a file: ${kind}` : 'not known'),
    content: {
      kind: 'none',
      why: isWork
        ? 'millrace reprocess --failed takes the file up again; then discard this'
        : 'it is none of ours',
    },
  };
}

/** With or without a qualifier. */
const functionIn = (arn: unknown) => String(arn).split(':')[6] ?? '';

function recordOf(body: string): Record<string, unknown> {
  try {
    return objectOf(JSON.parse(body));
  } catch {
    return {};
  }
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
