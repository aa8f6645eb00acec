import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';

/** False where a condition did not hold, or another writer has an item at this moment. */
export async function isWritten(transaction: Promise<unknown>): Promise<boolean> {
  try {
    await transaction;
    return true;
  } catch (error) {
    if (!(error instanceof TransactionCanceledException)) throw error;
    const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code);
    if (codes.some((code) => code !== undefined && PASSED_OVER.has(code))) return false;
    throw error;
  }
}

const PASSED_OVER: ReadonlySet<string> = new Set(['ConditionalCheckFailed', 'TransactionConflict']);
