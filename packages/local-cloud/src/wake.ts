import type { Clock } from './clock.ts';

/** A loop's alarm: it sleeps until something happens, its time has come, or it is to stop. */
export interface Wake {
  /** Ends the present wait, or the next one if nobody waits: no call is lost. */
  notify(): void;
  /** Resolves when notified, at the instant `until` (milliseconds since the epoch), or on abort. */
  wait(until: number | undefined, signal: AbortSignal): Promise<void>;
}

/** Given as the reason, it spares an error object with its stack at every wait. */
const OVER = 'the wait is over';

export function createWake(clock: Clock): Wake {
  let notified = false;
  let ring: (() => void) | undefined;

  return {
    notify() {
      notified = true;
      ring?.();
    },
    async wait(until, signal) {
      if (!notified && !signal.aborted && (until === undefined || until > clock.now())) {
        const timer = new AbortController();
        await new Promise<void>((resolve) => {
          ring = resolve;
          signal.addEventListener('abort', ring);
          if (until !== undefined)
            void clock.sleep(until - clock.now(), timer.signal).then(() => resolve());
        });
        if (ring) signal.removeEventListener('abort', ring);
        ring = undefined;
        timer.abort(OVER);
      }
      notified = false;
    },
  };
}
