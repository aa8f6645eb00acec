/** What waits in a queue, as far as it is known. */
export interface Waiting {
  /** What the function is invoked with. */
  readonly event: unknown;
  readonly deviceId: string;
  /** Why it is here. */
  readonly reason: string;
}

/** A queue in which invocations of a function wait to be made again. */
export interface Source {
  readonly queue: string;
  /** Undefined where it is the message of another rule or function, or none of ours: it stays. */
  read(body: string, sentAt: number): Waiting | undefined;
}

export const SOURCES = ['rule-errors', 'failures'] as const;
export type SourceName = (typeof SOURCES)[number];

export const readingsFunction = (stage: string) => `millrace-iot-ingest-${stage}-ingestReading`;

/** Where readings wait that never came to `ingestReading`, or that it could not take. */
export function readingsSource(name: SourceName, stage: string): Source {
  const queue = `millrace-${stage}-iot-ingest-${name}`;
  return { queue, read: name === 'failures' ? readFailure(stage) : readRuleError(stage) };
}

/**
 * What the rule `millrace_<stage>_telemetry` would have selected. The time of its arrival is that of
 * the queue, which was told at once.
 * https://docs.aws.amazon.com/iot/latest/developerguide/rule-error-handling.html
 */
const readRuleError =
  (stage: string): Source['read'] =>
  (body, sentAt) => {
    const record = recordOf(body);
    const { topic, base64OriginalPayload: data, clientId, cloudwatchTraceId: traceId } = record;
    const [, deviceId] = /^devices\/([^/]+)\/telemetry$/.exec(String(topic)) ?? [];
    const isOurs = record.ruleName === `millrace_${stage}_telemetry` && typeof data === 'string';
    if (!isOurs || deviceId === undefined) return undefined;
    const [failure] = Array.isArray(record.failures) ? record.failures : [];
    const reason = String(objectOf(failure).errorMessage ?? 'the rule failed');
    const event = { data, deviceId, receivedAt: sentAt, clientId, traceId };
    return { event, deviceId, reason };
  };

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
const readFailure =
  (stage: string): Source['read'] =>
  (body) => {
    const { requestContext, requestPayload: event, responsePayload } = recordOf(body);
    const { functionArn, condition } = objectOf(requestContext);
    const isOurs = String(functionArn).split(':')[6] === readingsFunction(stage);
    const { deviceId } = objectOf(event);
    if (!isOurs || typeof deviceId !== 'string') return undefined;
    const { errorMessage = condition } = objectOf(responsePayload);
    return { event, deviceId, reason: String(errorMessage) };
  };

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
