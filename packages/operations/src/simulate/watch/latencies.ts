/** How many readings had been counted when it was asked. */
export interface Sighting {
  /** `performance.now()`. */
  readonly at: number;
  readonly count: number;
}

export interface Quantiles {
  readonly p50: number;
  readonly p99: number;
}

/**
 * From the acknowledgement of the nth reading to the first sighting of n readings: milliseconds. Events
 * look all alike once they are added up, so the nth that came stands for the nth that is counted; the
 * distance between two sightings is in it.
 *
 * @returns undefined where nothing was seen
 */
export function visibleAfter(
  acknowledgedAt: readonly number[],
  sightings: readonly Sighting[],
): Quantiles | undefined {
  const inOrder = [...acknowledgedAt].sort((one, other) => one - other);
  const latencies: number[] = [];
  let seen = 0;
  for (const { at, count } of sightings) {
    for (; seen < Math.min(count, inOrder.length); seen += 1) {
      latencies.push(Math.max(0, at - (inOrder[seen] ?? at)));
    }
  }
  if (latencies.length === 0) return undefined;
  latencies.sort((one, other) => one - other);
  const rank = (share: number) => latencies[Math.ceil(share * latencies.length) - 1] ?? 0;
  return { p50: rank(0.5), p99: rank(0.99) };
}
