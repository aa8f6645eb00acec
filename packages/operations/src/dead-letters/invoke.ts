import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { NotDeployed, reach } from './places.ts';

/** What a function said. */
export type Answer =
  | { readonly kind: 'answered'; readonly payload: unknown }
  | { readonly kind: 'failed'; readonly reason: string };

/** Invokes a function and waits for what it says it has done. */
export type Invoke = (functionName: string, event: unknown) => Promise<Answer>;

/** Longer than any function of ours may run that takes dead letters. */
export const INVOCATION_MS = 240_000;

export function lambdaInvoke(client: LambdaClient): Invoke {
  return async (FunctionName, event) => {
    try {
      const { Payload, FunctionError } = await reach(FunctionName, () =>
        client.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) })),
      );
      const payload: unknown = JSON.parse(Payload?.transformToString() || 'null');
      if (FunctionError === undefined) return { kind: 'answered', payload };
      const { errorMessage } = (payload ?? {}) as { errorMessage?: unknown };
      return { kind: 'failed', reason: String(errorMessage ?? FunctionError) };
    } catch (error) {
      if (error instanceof NotDeployed) return { kind: 'failed', reason: error.message };
      throw error;
    }
  };
}

/** What became of one entry. */
export type Outcome =
  /** Processed. */
  | { readonly outcome: 'accepted' }
  /** Put aside, again or for the first time: it is among the dead letters, with this reason. */
  | { readonly outcome: 'rejected'; readonly reason: string }
  /** Above the quota of its sender: it stays. */
  | { readonly outcome: 'over_quota' }
  /** The function failed: it stays. */
  | { readonly outcome: 'failed'; readonly reason: string }
  /** Its records have left the stream: it stays until it is discarded. */
  | { readonly outcome: 'trimmed'; readonly reason: string }
  /** Somebody else's, too old, or not to be redriven here: it stays. */
  | { readonly outcome: 'held'; readonly reason: string }
  /** The run was stopped before all of it was done: it stays. */
  | { readonly outcome: 'stopped' };

/** What a function without batches has answered. */
export function outcomeOf(answer: Answer): Outcome {
  if (answer.kind === 'failed') return { outcome: 'failed', reason: answer.reason };
  const { outcome } = (answer.payload ?? {}) as { outcome?: unknown };
  if (outcome === 'over_quota') return { outcome };
  if (outcome === 'rejected' || outcome === 'refused' || outcome === 'unknown') {
    return { outcome: 'rejected', reason: 'put among the dead letters' };
  }
  return { outcome: 'accepted' };
}

/**
 * The place of the first record that a function wants again, undefined when all are done. An answer
 * that names no record of the batch fails the whole of it.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
 */
export function firstFailed(payload: unknown, ids: readonly string[]): number | undefined {
  const { batchItemFailures } = (payload ?? {}) as { batchItemFailures?: unknown };
  if (!Array.isArray(batchItemFailures) || batchItemFailures.length === 0) return undefined;
  const places = batchItemFailures.map((one) => ids.indexOf(one?.itemIdentifier));
  return Math.max(0, Math.min(...places));
}
