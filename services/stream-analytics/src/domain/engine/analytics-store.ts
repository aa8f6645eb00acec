import type { MetricName, MetricWindow } from '@millrace/types';
import type { Decimal } from '../decimal.ts';

/** Which events were processed: a part of a log, in the order of its positions. */
export interface SeenBlock {
  /** From 1. */
  readonly position: number;
  /** Digests, `DIGEST_BYTES` each. */
  readonly digests: Uint8Array;
}

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

export interface StoredState {
  /** JSON; undefined where it was deleted. */
  readonly state: string | undefined;
  /** Grows by one with each write, deletions too. */
  readonly version: number;
}

/** What is kept of a window besides count and sum. */
export interface StoredDetails {
  readonly version: number;
  readonly min?: number;
  readonly max?: number;
  readonly quantiles?: Uint8Array;
  readonly distinct?: Uint8Array;
  readonly top?: Uint8Array;
}

export interface StateWrite extends ItemKey {
  /** JSON; undefined deletes. */
  readonly state: string | undefined;
  /** Which version is replaced (0: none was there), or `any` for a document that was not read. */
  readonly replaces: number | 'any';
  readonly expiresAt?: number;
}

export interface CellWrite extends ItemKey {
  readonly tenant: string;
  readonly metric: MetricName;
  readonly window: MetricWindow;
  readonly start: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** Added. */
  readonly count: number;
  readonly sum: Decimal;
  /** Replaces those of the version before (0: none were there). */
  readonly details?: StoredDetails;
}

/** Written together or not at all. Distinct items, at most `MOST_ACTIONS`. */
export interface Transaction {
  readonly seen: readonly (SeenBlock & { readonly log: string; readonly expiresAt: number })[];
  readonly states: readonly StateWrite[];
  readonly cells: readonly CellWrite[];
}

export type CommitOutcome =
  | { readonly kind: 'committed' }
  /** A block or a version is there that was not when we read: read again. */
  | { readonly kind: 'outdated'; readonly cause: unknown }
  /** Another writer has the items at this moment, or the store is throttled: a little later. */
  | { readonly kind: 'contended'; readonly cause: unknown }
  /** The store will never take these values. */
  | { readonly kind: 'refused'; readonly cause: unknown };

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
export const MOST_ACTIONS = 100;

/** Everything is read as it is at that moment (strongly consistent). Rejects when it cannot now. */
export interface AnalyticsStore {
  /** Single blocks of many logs at once; undefined where a log does not reach so far. */
  readBlocks(
    places: readonly { readonly log: string; readonly position: number }[],
  ): Promise<readonly (SeenBlock | undefined)[]>;
  /** The blocks of a log behind a position, in order. */
  readSeen(log: string, after: number): Promise<readonly SeenBlock[]>;
  /** In the order of the keys; undefined where there is none. */
  readStates(keys: readonly ItemKey[]): Promise<readonly (StoredState | undefined)[]>;
  readDetails(keys: readonly ItemKey[]): Promise<readonly (StoredDetails | undefined)[]>;
  /**
   * A rejection says nothing about whether it was written; committing the same again is safe, as
   * the blocks of `seen` then are there.
   */
  commit(transaction: Transaction): Promise<CommitOutcome>;
}
