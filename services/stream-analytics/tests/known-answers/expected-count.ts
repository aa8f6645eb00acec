import { cellName, type Settled } from '../model/settle.ts';

/** What a metric must show at a day, for one combination of dimensions. */
export interface ExpectedCount {
  readonly tenant: string;
  readonly metric: string;
  /** `2026-11-23`. */
  readonly day: string;
  readonly by: Readonly<Record<string, string>>;
  readonly count: number;
  /** Plain decimal text; `0` where nothing is added up. */
  readonly sum: string;
}

/** The days of what a pipeline counted, under the same names as `namedCounts` gives. */
export function daysOf(settled: Settled): Record<string, { count: number; sum: string }> {
  return Object.fromEntries(
    Object.entries(settled.counts).filter(([name]) => name.split(' ', 3)[2] === '1d'),
  );
}

export function namedCounts(
  expected: readonly ExpectedCount[],
): Record<string, { count: number; sum: string }> {
  return Object.fromEntries(
    expected.map(({ tenant, metric, day, by, count, sum }) => [
      cellName(tenant, metric, '1d', `${day}T00:00:00Z`, by),
      { count, sum },
    ]),
  );
}
