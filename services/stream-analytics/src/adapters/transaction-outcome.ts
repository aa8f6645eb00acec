import { type CancellationReason, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { PermanentError } from '@millrace/middleware';
import type { CommitOutcome } from '../domain/engine/analytics-store.ts';

/**
 * What an error of TransactWriteItems means.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
 *
 * @throws the error where nothing is known of it.
 */
export function outcomeOf(error: unknown): CommitOutcome {
  if (error instanceof TransactionCanceledException) {
    return outcomeOfReasons(error.CancellationReasons ?? [], error);
  }
  const name = error instanceof Error ? error.name : '';
  if (BUSY.has(name)) return { kind: 'contended', cause: error };
  if (name === 'ValidationException') return { kind: 'refused', cause: refusal(error) };
  throw error;
}

function outcomeOfReasons(reasons: readonly CancellationReason[], cause: unknown): CommitOutcome {
  const codes = new Set(reasons.map(({ Code }) => Code ?? 'None'));
  if (codes.has('ConditionalCheckFailed')) return { kind: 'outdated', cause };
  if ([...codes].some((code) => BUSY.has(code))) return { kind: 'contended', cause };
  if (codes.has('ValidationError')) return { kind: 'refused', cause: refusal(cause) };
  throw cause;
}

function refusal(cause: unknown): PermanentError {
  const message =
    'The table refuses the result: a sum would need more than 38 digits, or the item is invalid.';
  return new PermanentError('count_refused', message, { cause });
}

/** Exceptions and cancellation reasons that pass by themselves. */
const BUSY: ReadonlySet<string> = new Set([
  'TransactionConflict',
  'TransactionConflictException',
  'TransactionInProgressException',
  'ThrottlingError',
  'ThrottlingException',
  'ProvisionedThroughputExceeded',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
]);
