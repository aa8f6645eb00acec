import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until so many more records may be sent. */
export type Pace = (records: number) => Promise<void>;

/** @param rate records a second */
export function pacer(rate: number, signal: AbortSignal): Pace {
  let next = 0;
  return async (records) => {
    const now = performance.now();
    const at = Math.max(now, next);
    next = at + (records * 1000) / rate;
    if (at > now) await sleep(at - now, undefined, { signal }).catch(() => undefined);
  };
}
