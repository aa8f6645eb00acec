import { type MetricWindow, ProblemError, windowStart } from '@millrace/types';

const DAY_MS = 86_400_000;
export const WINDOW_MS: Readonly<Record<MetricWindow, number>> = {
  '1m': 60_000,
  '1h': 3_600_000,
  '1d': DAY_MS,
};

/** Times are kept as texts with years of four digits: only those sort by time. */
const FIRST = Date.parse('0000-01-01T00:00:00Z');
const LAST = Date.parse('9999-12-31T00:00:00Z');

export interface TimeRange {
  /** Start of the first window. */
  readonly from: string;
  /** Start of the first window that is not in it any more. */
  readonly to: string;
}

/**
 * What is asked for, in whole windows: one that the range touches belongs to it as a whole.
 *
 * @throws ProblemError metric_range_too_wide, invalid_request
 */
export function timeRangeOf(
  asked: { readonly from: string; readonly to: string },
  window: MetricWindow,
  longestDays: number,
): TimeRange {
  const length = WINDOW_MS[window];
  const start = Date.parse(asked.from);
  const end = Date.parse(asked.to);
  if (start < FIRST) throw wrongTime('?from', 'must be of the years 0000 to 9999 in UTC');
  if (end > LAST) throw wrongTime('?to', 'must be of the years 0000 to 9999 in UTC');
  if (end <= start) throw wrongTime('?to', 'must be after from');
  if (end - start > longestDays * DAY_MS) {
    throw new ProblemError(
      'metric_range_too_wide',
      `Ask for at most ${longestDays} days at a time.`,
    );
  }
  return {
    from: windowStart(asked.from, window),
    to: startOf(Math.ceil(end / length) * length),
  };
}

/** @param time milliseconds since the epoch. Returns it to the second, as windows are named. */
export function startOf(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

function wrongTime(path: string, message: string): ProblemError {
  return new ProblemError('invalid_request', 'There is no such range.', {
    violations: [{ path, message }],
  });
}
