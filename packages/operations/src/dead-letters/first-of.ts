/** The first `limit` of many, by an order, without holding more than twice as many at a time. */
export function createFirstOf<T>(limit: number, compare: (left: T, right: T) => number) {
  let kept: T[] = [];
  let seen = 0;
  const cut = () => {
    kept = kept.sort(compare).slice(0, limit);
  };
  return {
    add(one: T): void {
      seen += 1;
      kept.push(one);
      if (kept.length >= limit * 2) cut();
    },
    /** In their order. */
    all(): readonly T[] {
      cut();
      return kept;
    },
    /** How many were seen that are not among the first. */
    more: () => Math.max(0, seen - limit),
  };
}
