/** Where the exact count ends. Half of them are kept each time that it is reached. */
const MAX_PATHS = 20_000;
const MAX_PATH_LENGTH = 512;

export interface PathCounts {
  add(path: string): void;
  /** The most frequent ones first, equal ones by name. */
  top(count: number): { path: string; lines: number }[];
}

/**
 * Counts lines by path, without query and cut at 512 characters. Exact up to 20,000 different paths.
 * Beyond, a count may be too low by one in ten thousand of all lines, never too high: each time that
 * the table is full, the count of the median is subtracted from all, and who has nothing left goes
 * (Misra and Gries' frequent items).
 */
export function pathCounts(maxPaths = MAX_PATHS): PathCounts {
  const counts = new Map<string, number>();
  return {
    add(path) {
      const key = path.length > MAX_PATH_LENGTH ? path.slice(0, MAX_PATH_LENGTH) : path;
      const count = counts.get(key);
      if (count !== undefined) {
        counts.set(key, count + 1);
        return;
      }
      if (counts.size >= maxPaths) prune(counts);
      counts.set(ownCopy(key), 1);
    },
    top(count) {
      return [...counts]
        .map(([path, lines]) => ({ path, lines }))
        .toSorted((a, b) => b.lines - a.lines || (a.path < b.path ? -1 : 1))
        .slice(0, count);
    },
  };
}

function prune(counts: Map<string, number>): void {
  const sorted = Float64Array.from(counts.values()).sort();
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  for (const [path, count] of counts) {
    if (count > median) counts.set(path, count - median);
    else counts.delete(path);
  }
}

/** A part of a string keeps the whole alive, which here is a block of the file. */
const ownCopy = (text: string): string => Buffer.from(text).toString();
