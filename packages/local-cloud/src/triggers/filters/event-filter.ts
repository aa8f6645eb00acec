import { compilePattern, type Matcher } from './pattern.ts';

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
  const matchers: Matcher[] = patterns.map(compilePattern);
  return (event) => {
    const document = documentOf(source, event);
    return matchers.some((matches) => matches(document));
  };
}

function documentOf(source: Source, event: Readonly<Record<string, unknown>>): unknown {
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
