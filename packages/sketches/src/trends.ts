import { Ewma } from './ewma.ts';
import type { TopTerms } from './top-terms/top-terms.ts';

export interface TrendOptions {
  /** Windows after which one counts half as much as the latest of the past. */
  readonly halfLife?: number;
  /** The share of the window in question that has passed already, above 0 and up to 1. */
  readonly progress?: number;
  /** What is seen less often in the window in question is chance. */
  readonly leastCount?: number;
  /** By how many deviations a term must be above its past. */
  readonly leastScore?: number;
}

export interface TrendingTerm {
  readonly term: string;
  /** In the window in question. */
  readonly count: number;
  /** What its past lets expect there. */
  readonly expected: number;
  /** By how many deviations of its past it is above that. */
  readonly score: number;
}

/**
 * Terms that are more frequent than they use to be: each against its own past, so that a term that is
 * always frequent never is a trend.
 *
 * The deviation is that of the past windows, but at least that of chance (Poisson: the root of what is
 * expected) and one. Where a sketch knows only bounds, the term is given the benefit of no doubt: its
 * least possible count now, and its greatest possible counts before.
 *
 * @param past windows of equal length without gaps, oldest first; `undefined` where nothing was counted.
 * @returns highest score first; equal scores by count, then term.
 * @throws RangeError where an option cannot be.
 */
export function trendingTerms(
  now: TopTerms,
  past: readonly (TopTerms | undefined)[],
  options: TrendOptions = {},
): TrendingTerm[] {
  const { halfLife = 12, progress = 1, leastCount = 3, leastScore = 2 } = options;
  if (!(progress > 0 && progress <= 1)) throw new RangeError(`No progress: ${progress}`);
  const before = past.map(countsOf);
  return now
    .top(now.capacity)
    .map(({ term, count, error }) => {
      const usual = new Ewma({ halfLife });
      for (const counts of before) usual.observe(counts(term));
      const expected = usual.mean * progress;
      const deviation = Math.max(Math.sqrt(usual.variance) * progress, Math.sqrt(expected), 1);
      const least = count - error;
      return { term, count: least, expected, score: (least - expected) / deviation };
    })
    .filter(({ count, score }) => count >= leastCount && score >= leastScore)
    .sort((a, b) => b.score - a.score || b.count - a.count || (a.term < b.term ? -1 : 1));
}

function countsOf(window: TopTerms | undefined): (term: string) => number {
  if (window === undefined) return () => 0;
  const counts = new Map(window.top(window.capacity).map(({ term, count }) => [term, count]));
  return (term) => counts.get(term) ?? window.bound;
}
