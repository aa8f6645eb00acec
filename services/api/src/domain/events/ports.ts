export interface StreamEntry {
  readonly data: Uint8Array;
  readonly partitionKey: string;
}

/** The stream `events`. */
export interface EventStream {
  /**
   * One PutRecords. It is not atomic: true in the place of each entry that was taken.
   * Throws where trying again will not help.
   */
  put(entries: readonly StreamEntry[]): Promise<readonly boolean[]>;
}

/** Waits before the next attempt; `attempt` counts from 1. */
export type Backoff = (attempt: number) => Promise<void>;
