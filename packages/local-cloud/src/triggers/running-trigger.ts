import type { MappingStatus } from '../ports.ts';

/** The counters of a trigger that has done nothing yet. */
export const NO_COUNTS = {
  delivered: 0,
  retried: 0,
  splits: 0,
  throttles: 0,
  filtered: 0,
  discarded: 0,
} as const satisfies Partial<MappingStatus>;

/** A trigger that runs, as the runner sees it: one per function and source. */
export interface RunningTrigger {
  /** Whose service it is the runner knows. */
  status(): Omit<MappingStatus, 'service'>;
  /** Something happened at the source: look now. */
  nudge(): void;
  /** The function's service is up (again). */
  resume(): void;
  /** Takes nothing new and waits up to `graceMs` for what is in flight, so that it still counts. */
  stop(graceMs: number): Promise<void>;
}
