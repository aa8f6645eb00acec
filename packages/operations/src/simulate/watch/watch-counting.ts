import { setTimeout as sleep } from 'node:timers/promises';
import type { Sighting } from './latencies.ts';

const SHORTEST_PAUSE_MS = 500;
/** Looking costs the platform something, too: at most this share of the time. */
const SHARE_OF_LOOKING = 0.2;

/**
 * Looks again and again how many readings are counted, until it is as many as there must be, or more,
 * or the platform has stood still for too long after the last was sent.
 *
 * @param look readings counted, and how many there must be by now
 * @param isSent whether all has been sent
 */
export async function watchCounting(options: {
  look(): Promise<{ readonly counted: number; readonly expected: number }>;
  isSent(): boolean;
  readonly timeoutMs: number;
  onSighting?(sighting: Sighting & { readonly expected: number }): void;
}): Promise<Sighting[]> {
  const sightings: Sighting[] = [];
  let last = { at: performance.now(), counted: -1, expected: -1 };
  for (;;) {
    const wasSent = options.isSent();
    const begun = performance.now();
    const { counted, expected } = await options.look();
    const at = performance.now();
    sightings.push({ at, count: counted });
    options.onSighting?.({ at, count: counted, expected });
    if (!wasSent || counted !== last.counted || expected !== last.expected) {
      last = { at, counted, expected };
    }
    if (wasSent && (counted >= expected || at - last.at > options.timeoutMs)) return sightings;
    await sleep(Math.max(SHORTEST_PAUSE_MS, (at - begun) * (1 / SHARE_OF_LOOKING - 1)));
  }
}
