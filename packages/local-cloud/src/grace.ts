import type { Clock } from './clock.ts';

/**
 * Waits until all of `work` has ended, well or not, but no longer than `graceMs`
 * (infinity: as long as it takes).
 */
export async function endWithin(
  clock: Clock,
  graceMs: number,
  work: Iterable<Promise<unknown>>,
): Promise<void> {
  if (graceMs === Number.POSITIVE_INFINITY) {
    await Promise.allSettled(work);
    return;
  }
  const over = new AbortController();
  const ended = Promise.allSettled(work);
  await Promise.race([ended, clock.sleep(graceMs, over.signal)]);
  over.abort();
}
