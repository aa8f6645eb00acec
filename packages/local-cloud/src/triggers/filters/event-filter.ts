import { compilePattern } from './pattern.ts';

/** Says whether a record (an element of the event's `Records`) is for the function. */
export type RecordFilter = (event: Readonly<Record<string, unknown>>) => boolean;

type Source = 'kinesis' | 'dynamodb' | 'sqs';

/**
 * The filter of a mapping: a record passes if one of the patterns matches; without patterns all do.
 * What the patterns look at depends on the source: for Kinesis the record's fields with `data`
 * decoded, for DynamoDB the record as it is, for SQS the message with its `body` parsed.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
 *
 * @throws LocalCloudError FILTER_PATTERN_INVALID
 */
export function createRecordFilter(source: Source, patterns: readonly unknown[]): RecordFilter {
  if (patterns.length === 0) return () => true;
  const filters = patterns.map((pattern) => ({
    matches: compilePattern(pattern),
    wantsJson: wantsJson(source, pattern),
  }));
  return (event) => {
    const document = documentOf(source, event);
    const content = document[CONTENT[source]];
    const isJson = typeof content === 'object' && content !== null;
    return filters.some(({ matches, wantsJson }) => (isJson || !wantsJson) && matches(document));
  };
}

/** The field that holds what the producer sent, which may be JSON or not. */
const CONTENT = { kinesis: 'data', sqs: 'body', dynamodb: 'dynamodb' } as const;

/**
 * A pattern for fields of the content is never met by content that is no JSON, whatever it says of
 * them (`exists: false`, for one): the record is dropped.
 */
function wantsJson(source: Source, pattern: unknown): boolean {
  const parsed: unknown = typeof pattern === 'string' ? JSON.parse(pattern) : pattern;
  return isObject(parsed) && isObject(parsed[CONTENT[source]]);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function documentOf(
  source: Source,
  event: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  if (source === 'dynamodb') return event;
  if (source === 'sqs') return { ...event, body: parsed(String(event.body)) };
  const record = event.kinesis as Record<string, unknown>;
  const text = Buffer.from(String(record.data), 'base64').toString('utf8');
  return { ...record, data: parsed(text) };
}

/** JSON where it is JSON; otherwise the text, which only a pattern for plain text matches. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
