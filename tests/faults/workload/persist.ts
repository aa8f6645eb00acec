import { setTimeout as sleep } from 'node:timers/promises';

/** Beyond any run of bad luck that a plan can bring: then something is wrong that stays wrong. */
const MOST_ATTEMPTS = 400;
const PAUSE_MS = 5;

/** Tries again until it succeeds, as a sender that must not lose anything does. */
export async function persist<T>(what: string, attempt: () => Promise<T>): Promise<T> {
  let last: unknown;
  for (let tried = 0; tried < MOST_ATTEMPTS; tried += 1) {
    try {
      return await attempt();
    } catch (error) {
      last = error;
      await sleep(PAUSE_MS);
    }
  }
  throw new Error(`${what} failed ${MOST_ATTEMPTS} times`, { cause: last });
}
