import type { MappingStatus } from '../ports.ts';

/** A trigger that runs, as the runner sees it: one per function and source. */
export interface RunningTrigger {
  status(): MappingStatus;
  /** Something happened at the source: look now. */
  nudge(): void;
  /** The function's service is up (again). */
  resume(): void;
  /** Takes nothing new and waits up to `graceMs` for what is in flight, so that it still counts. */
  stop(graceMs: number): Promise<void>;
}
