import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';

/**
 * Which items of a transaction did not meet their condition; a conflict with another transaction
 * counts as one, because what was read before may be old then. Empty for any other error.
 */
export function failedConditions(error: unknown): readonly boolean[] {
  if (!(error instanceof TransactionCanceledException)) return [];
  const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code ?? 'None');
  const failed = codes.map((code) => code === 'ConditionalCheckFailed');
  if (failed.includes(true)) return failed;
  // On whichever item: that of the record is looked at again.
  return codes.map((_, item) => item === 1 && codes.includes('TransactionConflict'));
}
