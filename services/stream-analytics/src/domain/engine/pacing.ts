import { TransientError } from '@millrace/middleware';

/** Time and chance, so that tests can hold them. */
export interface Pacing {
  /** Resolves after `ms` milliseconds. */
  pause(ms: number): Promise<void>;
  /** In [0, 1). */
  random(): number;
  /** False when the function is about to be stopped: begin nothing more. */
  hasTimeLeft(): boolean;
}

const MOST_ATTEMPTS = 10;
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Exponential backoff with full jitter, so that writers of the same items do not meet again.
 *
 * @throws TransientError counters_contended, out_of_time.
 */
export async function waitForTurn(attempt: number, cause: unknown, pacing: Pacing): Promise<void> {
  if (attempt >= MOST_ATTEMPTS) {
    throw new TransientError(
      'counters_contended',
      'The counters were busy in every attempt; the records come again.',
      { cause },
    );
  }
  if (!pacing.hasTimeLeft()) throw outOfTime(cause);
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt);
  await pacing.pause(pacing.random() * longest);
}

export function outOfTime(cause?: unknown): TransientError {
  return new TransientError(
    'out_of_time',
    'The function is about to be stopped; the records that are left come again.',
    { cause },
  );
}
