import type { Clock } from '../../../packages/local-cloud/src/clock.ts';

/** Beyond any run of bad luck that a plan can bring: then something is wrong that stays wrong. */
const MOST_ATTEMPTS = 200;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

/** Tries again until it succeeds, as a sender that must not lose anything does. */
export type Persist = <T>(what: string, attempt: () => Promise<T>) => Promise<T>;

/** Waits between attempts by the platform's clock: time is skipped while nothing else happens. */
export function persistBy(clock: Clock): Persist {
  return async (what, attempt) => {
    let last: unknown;
    for (let tried = 0; tried < MOST_ATTEMPTS; tried += 1) {
      try {
        return await attempt();
      } catch (error) {
        last = error;
        await clock.sleep(Math.min(FIRST_PAUSE_MS * 2 ** tried, LONGEST_PAUSE_MS));
      }
    }
    throw new Error(`${what} failed ${MOST_ATTEMPTS} times`, { cause: last });
  };
}
