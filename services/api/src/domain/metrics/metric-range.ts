import { isMetricName, METRICS, type MetricName, minuteOf, ProblemError } from '@millrace/types';

export const INTERVAL_FORMS = {
  '1m': (minute: string) => minute,
  '1h': (minute: string) => `${minute.slice(0, 13)}:00:00Z`,
  '1d': (minute: string) => `${minute.slice(0, 10)}T00:00:00Z`,
} as const;
export type Interval = keyof typeof INTERVAL_FORMS;

const MINUTE = 60_000;
const MAX_RANGE = 31 * 24 * 60 * MINUTE;
/** Minutes are kept as texts with years of four digits: only those sort by time. */
const FIRST = Date.parse('0000-01-01T00:00:00Z');
const LAST = Date.parse('9999-12-31T23:59:00Z');

export interface MetricRange {
  readonly name: MetricName;
  /** Start of the first minute. */
  readonly from: string;
  /** Start of the first minute that is not in it any more. */
  readonly to: string;
  readonly interval: Interval;
  readonly groupBy: readonly string[];
}

/**
 * What is asked for, in whole minutes: metrics are kept per minute, so a minute that the range
 * touches belongs to it as a whole.
 *
 * @throws ProblemError metric_not_found, unknown_dimension, metric_range_too_wide, invalid_request
 */
export function metricRangeOf(
  name: string,
  query: {
    readonly from: string;
    readonly to: string;
    readonly interval: Interval;
    readonly groupBy?: string | undefined;
  },
): MetricRange {
  if (!isMetricName(name)) {
    throw new ProblemError(
      'metric_not_found',
      `The metrics are ${Object.keys(METRICS).join(', ')}.`,
    );
  }
  const start = Date.parse(query.from);
  const end = Math.ceil(Date.parse(query.to) / MINUTE) * MINUTE;
  if (start < FIRST) throw wrongTime('?from', 'must be of the years 0000 to 9999 in UTC');
  if (end > LAST) throw wrongTime('?to', 'must be of the years 0000 to 9999 in UTC');
  if (Date.parse(query.to) <= start) throw wrongTime('?to', 'must be after from');
  if (Date.parse(query.to) - start > MAX_RANGE) {
    throw new ProblemError('metric_range_too_wide', 'Ask for at most 31 days at a time.');
  }
  return {
    name,
    from: minuteOf(query.from),
    to: minuteOf(new Date(end).toISOString()),
    interval: query.interval,
    groupBy: groupByOf(name, query.groupBy),
  };
}

function wrongTime(path: string, message: string): ProblemError {
  return new ProblemError('invalid_request', 'There is no such range.', {
    violations: [{ path, message }],
  });
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
