import { type Clock, systemClock } from './clock.ts';

/**
 * Time that runs as the clock beneath it does, plus an offset that can grow: retries that AWS would
 * make over a week happen at once when the week is skipped. Every sleeper whose instant was passed
 * wakes in the order of those instants.
 */
export interface MovableClock extends Clock {
  /** How far this clock is ahead of the one beneath it, in milliseconds. */
  readonly offsetMs: number;
  /** Lets `ms` (≥ 0) pass at once; this clock shows whole milliseconds, so a fraction is rounded up. */
  advance(ms: number): void;
  /**
   * Calls `listener` at each advance, when the clock shows the new time and nobody was woken yet.
   * Returns what ends that.
   */
  onAdvance(listener: (ms: number) => void): () => void;
  /**
   * What this clock showed when the one beneath showed `instant`: for times that others noted by the
   * clock beneath (engines when a record arrived, clients when they signed). It keeps their order,
   * and what was noted before an advance is as much older after it.
   */
  arrivalOf(instant: number): number;
  /** The other way: what the clock beneath showed. An instant that was skipped is that of its skip. */
  beneath(instant: number): number;
}

/** An advance: from the instant `at` of the clock beneath, this one is `offsetMs` ahead. */
export interface ClockJump {
  readonly at: number;
  readonly offsetMs: number;
}

/** As many advances are remembered; times noted before the oldest count as noted just before it. */
export const REMEMBERED_JUMPS = 10_000;

/** A timer of Node that waits longer fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * @param known the advances of an earlier life, oldest first
 * @param remember called with each advance before it takes effect; what it throws prevents it
 */
export function createMovableClock(
  base: Clock = systemClock,
  known: readonly ClockJump[] = [],
  remember: (jump: ClockJump) => void = () => {},
): MovableClock {
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();
  const listeners = new Set<(ms: number) => void>();
  // Stores have columns of whole numbers for instants.
  const jumps = known.map(({ at, offsetMs }) => ({ at, offsetMs: Math.ceil(offsetMs) }));
  const offset = () => jumps.at(-1)?.offsetMs ?? 0;
  const now = () => base.now() + offset();

  return {
    now,
    get offsetMs() {
      return offset();
    },
    async sleep(ms, signal) {
      if (signal?.aborted) return false;
      const over = new AbortController();
      const wake = () => over.abort();
      const sleeper = { at: now() + ms, wake };
      sleepers.add(sleeper);
      signal?.addEventListener('abort', wake, { once: true });
      for (let left = ms; !over.signal.aborted; left -= LONGEST_TIMER_MS) {
        await base.sleep(Math.min(left, LONGEST_TIMER_MS), over.signal);
        if (left <= LONGEST_TIMER_MS) break;
      }
      signal?.removeEventListener('abort', wake);
      sleepers.delete(sleeper);
      return !signal?.aborted;
    },
    advance(ms) {
      if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY)) {
        throw new RangeError(`A clock cannot advance by ${ms} ms.`);
      }
      const by = Math.ceil(ms);
      const jump = { at: base.now(), offsetMs: offset() + by };
      remember(jump);
      jumps.push(jump);
      if (jumps.length > REMEMBERED_JUMPS) jumps.shift();
      for (const listener of listeners) listener(by);
      const due = [...sleepers].filter(({ at }) => at <= now());
      for (const sleeper of due.toSorted((a, b) => a.at - b.at)) {
        sleepers.delete(sleeper);
        sleeper.wake();
      }
    },
    onAdvance(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    arrivalOf(instant) {
      return instant + (jumps.findLast(({ at }) => at <= instant)?.offsetMs ?? 0);
    },
    beneath(instant) {
      for (let index = jumps.length - 1; index >= 0; index -= 1) {
        const jump = jumps[index];
        if (!jump) break;
        if (instant >= jump.at + jump.offsetMs) return instant - jump.offsetMs;
        if (instant >= jump.at + (jumps[index - 1]?.offsetMs ?? 0)) return jump.at;
      }
      return instant;
    },
  };
}
