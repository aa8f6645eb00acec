import type { OpenShard } from './hash-range.ts';

/** One call of the engine; it makes one or two new shards out of those that it names. */
export type ReshardingStep =
  | { readonly kind: 'split'; readonly shardId: string; readonly at: bigint }
  | { readonly kind: 'merge'; readonly shardId: string; readonly adjacentId: string };

const HASH_KEYS = 2n ** 128n;

/** Ends of ranges that differ by less are the same: whoever divided them rounded differently. */
const ROUNDING = 2n ** 64n;

/**
 * The next step towards `target` shards of equal size: first a split wherever a range has to end,
 * then a merge wherever one must not; `undefined` when they are there. Every step starts from the
 * shards as they are, so it does not matter who stopped halfway.
 */
export function nextStep(shards: readonly OpenShard[], target: number): ReshardingStep | undefined {
  const sorted = shards
    .map(({ shardId, from, to }) => ({ shardId, from: BigInt(`0x${from}`), to: BigInt(`0x${to}`) }))
    .toSorted((a, b) => (a.from < b.from ? -1 : 1));
  const wanted = Array.from(
    { length: target },
    (_, index) => (HASH_KEYS / BigInt(target)) * BigInt(index),
  );
  const isNear = (a: bigint, b: bigint) => (a > b ? a - b : b - a) < ROUNDING;

  for (const at of wanted) {
    if (sorted.some(({ from }) => isNear(from, at))) continue;
    const within = sorted.find(({ from, to }) => from < at && at <= to);
    if (within) return { kind: 'split', shardId: within.shardId, at };
  }
  for (const [index, { from, shardId }] of sorted.entries()) {
    const before = sorted[index - 1];
    if (before && !wanted.some((at) => isNear(at, from))) {
      return { kind: 'merge', shardId: before.shardId, adjacentId: shardId };
    }
  }
  return undefined;
}
