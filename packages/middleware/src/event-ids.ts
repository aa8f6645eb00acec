const MOST_IDS = 20;

/**
 * The ids by which an invocation can be found again at its source, at most 20: of stream records,
 * queue messages, S3 notifications, CloudEvents, schedules and API requests. Ids only, no payload.
 */
export function eventIdsOf(event: unknown): string[] {
  if (!isObject(event)) return [];
  if (Array.isArray(event.Records)) {
    return event.Records.slice(0, MOST_IDS).flatMap((record) => idOfRecord(record) ?? []);
  }
  return (
    textAt(event, 'id') ??
    textAt(event, 'traceId') ??
    textAt(event, 'requestContext', 'requestId') ??
    []
  );
}

function idOfRecord(record: unknown): string[] | undefined {
  return (
    textAt(record, 'eventID') ??
    textAt(record, 'messageId') ??
    textAt(record, 's3', 'object', 'sequencer') ??
    textAt(record, 'Sns', 'MessageId')
  );
}

function textAt(value: unknown, ...path: string[]): string[] | undefined {
  const found = path.reduce<unknown>(
    (inner, name) => (isObject(inner) ? inner[name] : undefined),
    value,
  );
  return typeof found === 'string' ? [found] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
