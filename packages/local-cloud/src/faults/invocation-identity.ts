import { fingerprint } from './draw.ts';

/**
 * By what an invocation is known to a fault plan: the content of its first record, without what the
 * engines add (sequence numbers, message ids, times, receipt handles). So a batch that is delivered
 * again, or that was cut elsewhere in another run, is the same thing as long as it begins alike.
 * Whatever is no batch of records is known by its whole text.
 */
export function invocationIdentity(payload: string): string {
  const record = firstRecord(payload);
  return fingerprint(record === undefined ? payload : JSON.stringify(contentOf(record)));
}

interface EventRecord {
  readonly eventName?: unknown;
  readonly eventSourceARN?: unknown;
  readonly body?: unknown;
  readonly kinesis?: { readonly partitionKey?: unknown; readonly data?: unknown };
  readonly dynamodb?: { readonly Keys?: unknown; readonly NewImage?: unknown };
  readonly s3?: {
    readonly bucket?: { readonly name?: unknown };
    readonly object?: { readonly key?: unknown };
  };
}

function firstRecord(payload: string): EventRecord | undefined {
  try {
    const event = JSON.parse(payload) as { Records?: unknown } | null;
    const [first] = Array.isArray(event?.Records) ? event.Records : [];
    return typeof first === 'object' && first !== null ? (first as EventRecord) : undefined;
  } catch {
    // Not JSON: known by its text.
    return undefined;
  }
}

function contentOf(record: EventRecord): unknown {
  if (record.kinesis) return [record.kinesis.partitionKey, record.kinesis.data];
  if (record.s3) return [record.eventName, record.s3.bucket?.name, record.s3.object?.key];
  if (record.dynamodb) {
    const table = String(record.eventSourceARN).split('/')[1];
    return [table, record.eventName, record.dynamodb.Keys, record.dynamodb.NewImage];
  }
  return record.body ?? record;
}
