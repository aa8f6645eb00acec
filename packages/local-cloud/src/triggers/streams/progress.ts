/**
 * How far a shard is done. Lanes finish side by side and filtered records finish at once, but the
 * checkpoint only moves over records that are ALL done: what comes after a gap is read again after
 * a restart rather than skipped.
 */
export interface ShardProgress {
  /** A record was read; records must be added in the order of the shard. */
  add(sequenceNumber: string, arrivedAt: number): void;
  /** `filtered`: it was done without the function. */
  complete(sequenceNumber: string, how?: 'filtered'): void;
  /** The last record before the first one that is not done; undefined before any is. */
  readonly checkpoint: string | undefined;
  /** How many of the records up to the checkpoint were filtered. */
  readonly filtered: number;
  /** Arrival of the oldest record that is not done. */
  readonly oldestPending: number | undefined;
  readonly pending: number;
}

interface Entry {
  readonly arrivedAt: number;
  done: boolean;
  filtered: boolean;
}

export function createShardProgress(): ShardProgress {
  /** Insertion order is the order of the shard. */
  const entries = new Map<string, Entry>();
  let checkpoint: string | undefined;
  let filtered = 0;

  return {
    add(sequenceNumber, arrivedAt) {
      entries.set(sequenceNumber, { arrivedAt, done: false, filtered: false });
    },
    complete(sequenceNumber, how) {
      const entry = entries.get(sequenceNumber);
      if (!entry) throw new Error(`Record ${sequenceNumber} was completed but never read.`);
      entry.done = true;
      entry.filtered = how === 'filtered';
      for (const [sequence, passed] of entries) {
        if (!passed.done) break;
        checkpoint = sequence;
        if (passed.filtered) filtered += 1;
        entries.delete(sequence);
      }
    },
    get checkpoint() {
      return checkpoint;
    },
    get filtered() {
      return filtered;
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
