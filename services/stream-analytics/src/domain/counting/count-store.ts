import type { Increment } from './contributions.ts';

/** What became of a commit. Only `committed` wrote anything. */
export type CommitOutcome =
  | { readonly kind: 'committed' }
  /** These claims were there before: their slices are counted already. */
  | { readonly kind: 'duplicates'; readonly claims: ReadonlySet<string> }
  /** Another writer had the items, or the store is throttled: try again a little later. */
  | { readonly kind: 'contended'; readonly cause: unknown }
  /** The store will never take these values. */
  | { readonly kind: 'refused'; readonly cause: unknown };

/** Counts and the proofs that they are in, written together or not at all. */
export interface CountStore {
  /**
   * Writes all claims and adds all increments in one transaction, if none of the claims is there.
   * A rejection says nothing about whether it was written; committing the same claims again is safe.
   *
   * @param claims distinct. @param increments of distinct items. Together at most 100.
   */
  commit(claims: readonly string[], increments: readonly Increment[]): Promise<CommitOutcome>;
}
