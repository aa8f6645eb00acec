import {
  type Interval,
  isMetricName,
  METRICS,
  type MetricName,
  type MetricWindow,
  ProblemError,
} from '@millrace/types';
import { startOf, type TimeRange, timeRangeOf, WINDOW_MS } from '../time-range.ts';

/** By the longest window that is read: a day of minutes is a thousand times as much as a day. */
const LONGEST_DAYS: Readonly<Record<MetricWindow, number>> = { '1m': 31, '1h': 400, '1d': 4_000 };

/** Stored windows of one length, one after the other. */
export interface MetricPart extends TimeRange {
  readonly window: MetricWindow;
}

export interface MetricRange extends TimeRange {
  readonly name: MetricName;
  readonly interval: Interval;
  readonly groupBy: readonly string[];
  /** What is read for it, in the order of time. */
  readonly parts: readonly MetricPart[];
}

/**
 * What is asked for, in whole windows of the shortest length that the metric keeps: one that the range
 * touches belongs to it as a whole.
 *
 * @throws ProblemError metric_not_found, metric_interval_too_short, unknown_dimension,
 * metric_range_too_wide, invalid_request
 */
export function metricRangeOf(
  name: string,
  query: {
    readonly from: string;
    readonly to: string;
    readonly interval?: Interval | undefined;
    readonly groupBy?: string | undefined;
  },
): MetricRange {
  if (!isMetricName(name)) {
    throw new ProblemError(
      'metric_not_found',
      `The metrics are ${Object.keys(METRICS).join(', ')}.`,
    );
  }
  const { shortest, interval, windows } = windowsOf(name, query.interval);
  const range = timeRangeOf(query, shortest, LONGEST_DAYS[windows[0] ?? shortest]);
  return {
    name,
    ...range,
    interval,
    groupBy: groupByOf(name, query.groupBy),
    parts: partsOf(Date.parse(range.from), Date.parse(range.to), windows),
  };
}

/** `windows` that an interval is made of, the longest first. */
function windowsOf(name: MetricName, asked: Interval | undefined) {
  const kept: MetricWindow[] = METRICS[name].windows.toSorted(
    (one, other) => WINDOW_MS[other] - WINDOW_MS[one],
  );
  const shortest = kept.at(-1) ?? '1m';
  const interval = asked ?? shortest;
  const windows = kept.filter((window) => WINDOW_MS[window] <= lengthOf(interval));
  if (windows.length > 0) return { shortest, interval, windows };
  throw new ProblemError(
    'metric_interval_too_short',
    `The metric ${name} is kept by ${shortest} at the shortest; ask for an interval of ${shortest} or longer.`,
  );
}

/** Of weeks and months a length that no window exceeds. */
function lengthOf(interval: Interval): number {
  return interval === '1w' || interval === '1mo' ? WINDOW_MS['1d'] : WINDOW_MS[interval];
}

/** The longest windows that lie in a range as a whole, and shorter ones at its edges. */
function partsOf(from: number, to: number, windows: readonly MetricWindow[]): MetricPart[] {
  const [window, ...shorter] = windows;
  if (window === undefined || from >= to) return [];
  const length = WINDOW_MS[window];
  const first = Math.ceil(from / length) * length;
  const last = Math.floor(to / length) * length;
  if (first >= last) return partsOf(from, to, shorter);
  return [
    ...partsOf(from, first, shorter),
    { window, from: startOf(first), to: startOf(last) },
    ...partsOf(last, to, shorter),
  ];
}

function groupByOf(name: MetricName, groupBy: string | undefined): readonly string[] {
  const declared: readonly string[] = METRICS[name].dimensions;
  const asked = groupBy ? [...new Set(groupBy.split(',').map((part) => part.trim()))] : [];
  if (asked.every((dimension) => declared.includes(dimension))) return asked;
  throw new ProblemError(
    'unknown_dimension',
    `The metric ${name} can be grouped by ${declared.join(', ')}.`,
    { violations: [{ path: '?groupBy', message: `must name some of ${declared.join(', ')}` }] },
  );
}
