/**
 * Time as a port, so that tests can let a week of retries pass in milliseconds.
 * All instants are milliseconds since the Unix epoch.
 */
export interface Clock {
  now(): number;
  /** Resolves after `ms`, or at once with `false` when the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<boolean>;
  /**
   * What this clock showed when the machine's showed `instant`, for times that others noted. Missing
   * where this clock is the machine's.
   */
  arrivalOf?(instant: number): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) {
        resolve(false);
        return;
      }
      const onAbort = () => {
        clearTimeout(timer);
        resolve(false);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve(true);
      }, ms);
      signal?.addEventListener('abort', onAbort, { once: true });
    }),
};
