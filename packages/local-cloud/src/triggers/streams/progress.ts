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

/** A record that is not done, with the run of those behind it that are: only its end counts. */
interface Entry {
  readonly arrivedAt: number;
  before: Entry | undefined;
  after: Entry | undefined;
  /** Last record of the run; undefined if there is none. */
  doneTo: string | undefined;
  /** How many of the run were filtered. */
  filtered: number;
}

export function createShardProgress(): ShardProgress {
  const entries = new Map<string, Entry>();
  let checkpoint: string | undefined;
  let filtered = 0;
  let last: Entry | undefined;
  let first: Entry | undefined;

  function unlink({ before, after }: Entry): void {
    if (before) before.after = after;
    else first = after;
    if (after) after.before = before;
    else last = before;
  }

  return {
    add(sequenceNumber, arrivedAt) {
      const entry = { arrivedAt, before: last, after: undefined, doneTo: undefined, filtered: 0 };
      if (last) last.after = entry;
      else first = entry;
      last = entry;
      entries.set(sequenceNumber, entry);
    },
    complete(sequenceNumber, how) {
      const entry = entries.get(sequenceNumber);
      if (!entry) throw new Error(`Record ${sequenceNumber} was completed but never read.`);
      entries.delete(sequenceNumber);
      unlink(entry);
      const doneTo = entry.doneTo ?? sequenceNumber;
      const passed = entry.filtered + (how === 'filtered' ? 1 : 0);
      if (entry.before) {
        // It joins the run of the record before it: a lane that is stuck lets no list grow.
        entry.before.doneTo = doneTo;
        entry.before.filtered += passed;
      } else {
        checkpoint = doneTo;
        filtered += passed;
      }
    },
    get checkpoint() {
      return checkpoint;
    },
    get filtered() {
      return filtered;
    },
    get oldestPending() {
      return first?.arrivedAt;
    },
    get pending() {
      return entries.size;
    },
  };
}
