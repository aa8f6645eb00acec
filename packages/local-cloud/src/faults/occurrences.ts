/**
 * How often each thing was seen, for the most recently seen things. What was forgotten begins again
 * at a number that it never had, so that it does not meet its first fate for ever.
 */
export interface Occurrences {
  /** 1 for the first time, 2 for the second, … */
  next(key: string): number;
}

/** @param limit how many things are remembered; beyond it, those not seen for longest are forgotten */
export function createOccurrences(limit = 65_536): Occurrences {
  const counts = new Map<string, number>();
  let forgotten = 0;
  return {
    next(key) {
      const count = (counts.get(key) ?? forgotten) + 1;
      // Out and in again: a Map keeps the order of insertion, so the first is the longest unseen.
      counts.delete(key);
      counts.set(key, count);
      if (counts.size > limit) {
        const [oldest] = counts;
        if (oldest) {
          counts.delete(oldest[0]);
          forgotten = Math.max(forgotten, oldest[1]);
        }
      }
      return count;
    },
  };
}
