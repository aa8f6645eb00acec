import { type Clock, systemClock } from './clock.ts';

/**
 * Time that runs as the clock beneath it does, plus an offset that can grow: retries that AWS would
 * make over a week happen at once when the week is skipped. Every sleeper whose instant was passed
 * wakes in the order of those instants.
 */
export interface MovableClock extends Clock {
  /** How far this clock is ahead of the one beneath it, in milliseconds. */
  readonly offsetMs: number;
  /** Lets `ms` (≥ 0) pass at once. */
  advance(ms: number): void;
}

export function createMovableClock(base: Clock = systemClock): MovableClock {
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();
  let offsetMs = 0;
  const now = () => base.now() + offsetMs;

  return {
    now,
    get offsetMs() {
      return offsetMs;
    },
    async sleep(ms, signal) {
      if (signal?.aborted) return false;
      const skipped = new AbortController();
      const sleeper = { at: now() + ms, wake: () => skipped.abort() };
      sleepers.add(sleeper);
      const stop = signal ? AbortSignal.any([signal, skipped.signal]) : skipped.signal;
      await base.sleep(ms, stop);
      sleepers.delete(sleeper);
      return !signal?.aborted;
    },
    advance(ms) {
      if (!(ms >= 0)) throw new RangeError(`A clock cannot advance by ${ms} ms.`);
      offsetMs += ms;
      const due = [...sleepers].filter(({ at }) => at <= now());
      for (const sleeper of due.toSorted((a, b) => a.at - b.at)) {
        sleepers.delete(sleeper);
        sleeper.wake();
      }
    },
  };
}
