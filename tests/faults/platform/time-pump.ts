import { setTimeout as sleep } from 'node:timers/promises';
import type { MovableClock } from '../../../packages/local-cloud/src/movable-clock.ts';

/** How long everything must have been idle before time is skipped, in milliseconds. */
const PAUSE_MS = 10;
const FIRST_STEP_MS = 500;
/** Below every function's timeout, so that no invocation that begins just now times out by a skip. */
const LONGEST_STEP_MS = 2_000;

export interface TimePump {
  /** Skips nothing until what it returns is called. */
  hold(): () => void;
  stop(): Promise<void>;
}

/**
 * Skips time whenever no function runs: batching windows, backoffs and retry delays, which would be
 * nearly all of a run, go by in a few milliseconds. The longer nothing happens, the larger the steps.
 */
export function startTimePump(options: {
  readonly clock: MovableClock;
  /** How many invocations have begun or ended so far, and how many run. */
  readonly activity: () => { readonly changes: number; readonly running: number };
  readonly onSkip: (offsetMs: number) => void;
}): TimePump {
  const { clock, activity, onSkip } = options;
  let stopped = false;
  let holders = 0;

  async function pump(): Promise<void> {
    let step = FIRST_STEP_MS;
    let seen = 0;
    while (!stopped) {
      await sleep(PAUSE_MS);
      const { changes, running } = activity();
      if (holders > 0 || running > 0 || changes !== seen) {
        seen = changes;
        step = FIRST_STEP_MS;
        continue;
      }
      clock.advance(Math.round(step));
      onSkip(clock.offsetMs);
      step = Math.min(step * 1.5, LONGEST_STEP_MS);
    }
  }
  const pumping = pump();
  return {
    hold() {
      holders += 1;
      return () => {
        holders -= 1;
      };
    },
    stop() {
      stopped = true;
      return pumping;
    },
  };
}
