import type { IncomingEvent } from '../incoming-event.ts';
import { chunksOf } from './chunks.ts';
import {
  type ChunkResult,
  commitChunk,
  outOfTime,
  type Pacing,
  type Refusal,
} from './commit-chunk.ts';
import type { CountStore } from './count-store.ts';
import { runDisjoint } from './run-disjoint.ts';
import { eventKeyOf, type Slice, slicesOf } from './slices.ts';

/** Transactions in flight. More helps little: chunks of one batch often share hot items. */
const CONCURRENCY = 4;

export interface CountResult {
  /** Slices: an event, or a part of a large reading. */
  readonly counted: number;
  /** Events met twice in the batch, and slices that an earlier delivery counted. */
  readonly duplicates: number;
  /** Events (by their position in the batch) that can never be counted. */
  readonly refusals: readonly Refusal[];
  /** Set where the batch was not finished: everything before this position is done. */
  readonly failure?: { readonly index: number; readonly cause: unknown };
}

/**
 * Adds a batch of events to the per-minute counters, each event exactly once however often it comes:
 * in this batch, in another, or in two at the same time (docs/decisions/0020-exact-counters.md).
 *
 * The order of the events does not matter to the counts; it matters to what is reported: a failure
 * names the first position that may be uncounted.
 */
export async function countEvents(
  batch: readonly IncomingEvent[],
  store: CountStore,
  pacing: Pacing,
): Promise<CountResult> {
  const { slices, repeated } = distinctSlices(batch);
  const results: ChunkResult[] = [];
  const failed = await runDisjoint(chunksOf(slices), CONCURRENCY, async (chunk) => {
    if (!pacing.hasTimeLeft()) throw outOfTime();
    results.push(await commitChunk(chunk.slices, store, pacing));
  });
  const failure = earliest(failed.map(({ piece, cause }) => ({ slices: piece.slices, cause })));
  return {
    counted: results.reduce((sum, { counted }) => sum + counted, 0),
    duplicates: results.reduce((sum, { duplicates }) => sum + duplicates, repeated),
    refusals: results.flatMap(({ refusals }) => refusals),
    ...(failure && { failure }),
  };
}

/** The first of equal events stays: a failure of its chunk makes the later ones come again too. */
function distinctSlices(batch: readonly IncomingEvent[]): { slices: Slice[]; repeated: number } {
  const keys = new Set<string>();
  const slices = batch.flatMap(({ event, tenant }, index) => {
    const key = eventKeyOf(event, tenant);
    if (keys.has(key)) return [];
    keys.add(key);
    return slicesOf(event, tenant, index, key);
  });
  return { slices, repeated: batch.length - keys.size };
}

function earliest(
  failed: readonly { slices: readonly Slice[]; cause: unknown }[],
): CountResult['failure'] {
  return failed
    .map(({ slices, cause }) => ({ index: Math.min(...slices.map((slice) => slice.index)), cause }))
    .sort((a, b) => a.index - b.index)[0];
}
