import { INTERVAL_FORMS } from './interval.ts';
import { type MetricLimits, metricLimitsOf, requireWithin, slicesWithin } from './limits.ts';
import type { MetricRange } from './metric-range.ts';
import type { MetricSlice, MetricStore } from './ports.ts';
import { Tally } from './tally.ts';

export interface Series {
  readonly group: Readonly<Record<string, string>>;
  readonly total: Tally;
  /** By the start of the interval, in the order of time. */
  readonly points: ReadonlyMap<string, Tally>;
}

export interface MetricReading {
  readonly total: Tally;
  readonly series: readonly Series[];
}

interface GrowingSeries {
  readonly group: Readonly<Record<string, string>>;
  readonly points: Map<string, Tally>;
}

/**
 * Adds up what was counted, exactly, by group and interval.
 * @throws ProblemError metric_answer_too_large
 */
export async function readMetric(
  store: MetricStore,
  tenant: string,
  range: MetricRange,
  limits: MetricLimits = metricLimitsOf(range.name),
): Promise<MetricReading> {
  const all = new Map<string, GrowingSeries>();
  const startOf = INTERVAL_FORMS[range.interval];
  let points = 0;
  for await (const slice of slicesWithin(store, tenant, range, limits)) {
    const one = seriesOf(all, slice, range.groupBy);
    const time = startOf(slice.start);
    const before = one.points.get(time);
    if (before) {
      before.add(Tally.of(slice));
    } else {
      one.points.set(time, Tally.of(slice));
      points += 1;
      requireWithin(limits, { points, series: all.size });
    }
  }
  const series = [...all]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, one]) => totalled(one))
    .filter(({ points }) => points.size > 0);
  return { total: Tally.total(series.map(({ total }) => total)), series };
}

function totalled({ group, points }: GrowingSeries): Series {
  const counted = new Map([...points].filter(([, tally]) => !tally.isNothing));
  return { group, points: counted, total: Tally.total(counted.values()) };
}

function seriesOf(
  series: Map<string, GrowingSeries>,
  slice: MetricSlice,
  groupBy: readonly string[],
): GrowingSeries {
  const values = groupBy.map((dimension) => slice.dimensions[dimension] ?? '');
  const key = JSON.stringify(values);
  let one = series.get(key);
  if (one === undefined) {
    const group = Object.fromEntries(groupBy.map((name, index) => [name, values[index] ?? '']));
    one = { group, points: new Map() };
    series.set(key, one);
  }
  return one;
}
