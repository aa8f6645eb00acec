import { windowStart } from '@millrace/types';
import { metricRangeOf } from '../metrics/metric-range.ts';
import type { MetricStore } from '../metrics/ports.ts';
import { readMetric } from '../metrics/read-metric.ts';
import { type TimeRange, WINDOW_MS } from '../time-range.ts';

/** The last day of a cohort that is counted, after its first (0). */
const LAST_DAY = 30;

export interface Cohort {
  /** `2026-11-16`: the first day of its users. */
  readonly cohort: string;
  readonly users: number;
  readonly days: readonly {
    readonly day: number;
    readonly users: number;
    readonly share: number;
  }[];
}

export interface RetentionReading extends TimeRange {
  readonly cohorts: readonly Cohort[];
}

/**
 * @param now milliseconds since the epoch: days that are still to come are not told.
 * @throws ProblemError as `metricRangeOf` and `readMetric` do
 */
export async function readRetention(
  store: MetricStore,
  tenant: string,
  asked: TimeRange,
  now: number,
): Promise<RetentionReading> {
  // A cohort is counted at its first day.
  const range = metricRangeOf('activity.retention', { ...asked, groupBy: 'day' });
  const { series } = await readMetric(store, tenant, range);
  const byDay = new Map(series.map(({ group, points }) => [Number(group.day), points]));
  const starts = [...(byDay.get(0)?.keys() ?? [])].sort();
  const today = Date.parse(windowStart(new Date(now).toISOString(), '1d'));
  const cohorts = starts.map((start) => {
    const usersOn = (day: number) => byDay.get(day)?.get(start)?.count ?? 0;
    const users = usersOn(0);
    const passed = Math.floor((today - Date.parse(start)) / WINDOW_MS['1d']);
    const days = Array.from({ length: Math.min(Math.max(passed, 0), LAST_DAY) + 1 }, (_, day) => ({
      day,
      users: usersOn(day),
      share: usersOn(day) / users,
    }));
    return { cohort: start.slice(0, 10), users, days };
  });
  return { from: range.from, to: range.to, cohorts };
}
