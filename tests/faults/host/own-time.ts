import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';

/** Limits on requests are whole seconds; backoffs are drawn by chance, and hardly ever are. */
const LIMITS_ARE_MULTIPLES_OF_MS = 1_000;
/** How much faster backoffs go by. */
const SPEED = 20;

let aheadMs = 0;

/** Sets how far this process' clock is ahead of the machine's. */
export function setClockAhead(ms: number): void {
  aheadMs = ms;
}

/**
 * Lets this process live at its own time: `Date` is ahead by what the platform says, and the waits
 * between retries of a request are short. Limits on requests and on functions stay what they are.
 */
export function liveAtOwnTime(): void {
  const RealDate = Date;
  globalThis.Date = class extends RealDate {
    constructor(...args: ConstructorParameters<typeof RealDate> | []) {
      if (args.length === 0) super(RealDate.now() + aheadMs);
      else super(...args);
    }
    static override now() {
      return RealDate.now() + aheadMs;
    }
  } as DateConstructor;

  const realSetTimeout = globalThis.setTimeout;
  const shortened = (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
    realSetTimeout(run, shorten(ms), ...args);
  globalThis.setTimeout = Object.assign(shortened, realSetTimeout) as typeof setTimeout;
  const realSleep = timers.setTimeout;
  timers.setTimeout = ((ms = 0, ...rest: [unknown?, object?]) =>
    realSleep(shorten(ms), ...rest)) as typeof timers.setTimeout;
  syncBuiltinESMExports();
}

function shorten(ms: number): number {
  return ms % LIMITS_ARE_MULTIPLES_OF_MS === 0 ? ms : ms / SPEED;
}
