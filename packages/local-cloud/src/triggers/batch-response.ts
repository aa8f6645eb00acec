import type { InvokeResult } from '../ports.ts';

/** The function itself answered, well or with an error: such an attempt counts. */
export function isAnswer(
  result: InvokeResult,
): result is Extract<InvokeResult, { payload: unknown }> {
  return result.kind === 'success' || result.kind === 'function-error';
}

/** What a partial batch response says about the records or messages of its batch. */
export type BatchResponse =
  | { readonly kind: 'success' }
  /** The response is malformed: AWS treats the whole batch as failed. */
  | { readonly kind: 'whole-batch-failed' }
  | { readonly kind: 'partial'; readonly failed: ReadonlySet<string> };

/**
 * Reads `{"batchItemFailures": [{"itemIdentifier": "…"}]}`.
 * - No response, `{}`, a null or empty list: the whole batch succeeded.
 * - An empty or null `itemIdentifier`, another key, an identifier that is not in the batch, or
 *   anything that is not this shape: the whole batch failed.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function readBatchResponse(payload: unknown, identifiers: Iterable<string>): BatchResponse {
  if (payload === null || payload === undefined) return { kind: 'success' };
  if (typeof payload !== 'object' || Array.isArray(payload)) return { kind: 'whole-batch-failed' };
  const failures: unknown = (payload as Record<string, unknown>).batchItemFailures;
  if (failures === null || failures === undefined) return { kind: 'success' };
  if (!Array.isArray(failures)) return { kind: 'whole-batch-failed' };

  const known = new Set(identifiers);
  const failed = new Set<string>();
  for (const failure of failures as unknown[]) {
    const identifier = itemIdentifier(failure);
    if (identifier === undefined || !known.has(identifier)) return { kind: 'whole-batch-failed' };
    failed.add(identifier);
  }
  return failed.size === 0 ? { kind: 'success' } : { kind: 'partial', failed };
}

function itemIdentifier(failure: unknown): string | undefined {
  if (typeof failure !== 'object' || failure === null) return undefined;
  const identifier: unknown = (failure as Record<string, unknown>).itemIdentifier;
  return typeof identifier === 'string' && identifier !== '' ? identifier : undefined;
}
