import { TransientError } from '@millrace/middleware';
import { merged } from './contributions.ts';
import type { CountStore } from './count-store.ts';
import type { Slice } from './slices.ts';

/** Time and chance, so that tests can hold them. */
export interface Pacing {
  /** Resolves after `ms` milliseconds. */
  pause(ms: number): Promise<void>;
  /** In [0, 1). */
  random(): number;
  /** False when the function is about to be stopped: begin nothing more. */
  hasTimeLeft(): boolean;
}

/** A slice that the store will never take. */
export interface Refusal {
  readonly index: number;
  readonly cause: unknown;
}

export interface ChunkResult {
  readonly counted: number;
  readonly duplicates: number;
  readonly refusals: readonly Refusal[];
}

const MOST_ATTEMPTS = 8;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Counts every slice that was not counted before. Duplicates are told by the store and dropped, and
 * the sums are formed again from what is left; a chunk that the store refuses is halved until the
 * slice that is to blame stands alone.
 *
 * @throws TransientError counters_contended, out_of_time; whatever the store throws.
 */
export async function commitChunk(
  slices: readonly Slice[],
  store: CountStore,
  pacing: Pacing,
): Promise<ChunkResult> {
  let rest = slices;
  for (let attempt = 1; rest.length > 0; ) {
    const outcome = await store.commit(
      rest.map(({ claim }) => claim),
      merged(rest.flatMap(({ increments }) => increments)),
    );
    switch (outcome.kind) {
      case 'committed':
        return { counted: rest.length, duplicates: slices.length - rest.length, refusals: [] };
      case 'duplicates':
        rest = rest.filter(({ claim }) => !outcome.claims.has(claim));
        break;
      case 'contended':
        await waitForTurn(attempt, outcome.cause, pacing);
        attempt += 1;
        break;
      case 'refused': {
        const apart = await commitApart(rest, outcome.cause, store, pacing);
        return { ...apart, duplicates: apart.duplicates + slices.length - rest.length };
      }
    }
  }
  return { counted: 0, duplicates: slices.length, refusals: [] };
}

async function commitApart(
  slices: readonly Slice[],
  cause: unknown,
  store: CountStore,
  pacing: Pacing,
): Promise<ChunkResult> {
  const [only] = slices;
  if (only && slices.length === 1) {
    return { counted: 0, duplicates: 0, refusals: [{ index: only.index, cause }] };
  }
  const half = slices.length >> 1;
  const first = await commitChunk(slices.slice(0, half), store, pacing);
  const second = await commitChunk(slices.slice(half), store, pacing);
  return {
    counted: first.counted + second.counted,
    duplicates: first.duplicates + second.duplicates,
    refusals: [...first.refusals, ...second.refusals],
  };
}

/** Exponential backoff with full jitter, so that writers of a hot item do not meet again. */
async function waitForTurn(attempt: number, cause: unknown, pacing: Pacing): Promise<void> {
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
