/**
 * How far a shard is done. Lanes finish side by side and filtered records finish at once, but the
 * checkpoint only moves over records that are ALL done: what comes after a gap is read again after
 * a restart rather than skipped.
 */
export interface ShardProgress {
  /** A record was read; records must be added in the order of the shard. */
  add(sequenceNumber: string, arrivedAt: number): void;
  complete(sequenceNumber: string): void;
  /** The last record before the first one that is not done; undefined before any is. */
  readonly checkpoint: string | undefined;
  /** Arrival of the oldest record that is not done. */
  readonly oldestPending: number | undefined;
  readonly pending: number;
}

export function createShardProgress(): ShardProgress {
  /** Insertion order is the order of the shard. */
  const entries = new Map<string, { arrivedAt: number; done: boolean }>();
  let checkpoint: string | undefined;

  return {
    add(sequenceNumber, arrivedAt) {
      entries.set(sequenceNumber, { arrivedAt, done: false });
    },
    complete(sequenceNumber) {
      const entry = entries.get(sequenceNumber);
      if (!entry) throw new Error(`Record ${sequenceNumber} was completed but never read.`);
      entry.done = true;
      for (const [sequence, { done }] of entries) {
        if (!done) break;
        checkpoint = sequence;
        entries.delete(sequence);
      }
    },
    get checkpoint() {
      return checkpoint;
    },
    get oldestPending() {
      const [first] = entries.values();
      return first?.arrivedAt;
    },
    get pending() {
      return entries.size;
    },
  };
}
