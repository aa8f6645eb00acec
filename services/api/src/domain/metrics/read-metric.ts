import { type MetricName, ProblemError } from '@millrace/types';
import { addDecimals, type Decimal, parseDecimal, ZERO } from './decimal.ts';
import { INTERVAL_FORMS, type MetricRange } from './metric-range.ts';

/** One stored item: a minute and one combination of dimensions. */
export interface MetricSlice {
  readonly minute: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly count: number;
  /** As DynamoDB writes it. */
  readonly sum: string;
}

export interface MetricStore {
  /** In the order of their minutes; `to` is not in it. */
  slices(
    tenant: string,
    metric: MetricName,
    range: { readonly from: string; readonly to: string },
  ): AsyncIterable<MetricSlice>;
}

export interface Measured {
  readonly count: number;
  readonly sum: Decimal;
}

export interface Series extends Measured {
  readonly group: Readonly<Record<string, string>>;
  readonly points: ReadonlyMap<string, Measured>;
}

export interface MetricReading extends Measured {
  readonly series: readonly Series[];
}

/** What keeps memory, the 6 MB of an answer and the 30 s of a request within bounds. */
export interface MetricLimits {
  readonly slices: number;
  readonly series: number;
  readonly points: number;
}
export const METRIC_LIMITS: MetricLimits = { slices: 250_000, series: 500, points: 50_000 };

interface GrowingSeries {
  readonly group: Readonly<Record<string, string>>;
  readonly points: Map<string, Measured>;
  total: Measured;
}

const NOTHING: Measured = { count: 0, sum: ZERO };

/**
 * Adds up what was counted, exactly, by group and interval.
 * @throws ProblemError metric_answer_too_large
 */
export async function readMetric(
  store: MetricStore,
  tenant: string,
  range: MetricRange,
  limits: MetricLimits = METRIC_LIMITS,
): Promise<MetricReading> {
  const series = new Map<string, GrowingSeries>();
  const startOf = INTERVAL_FORMS[range.interval];
  let total = NOTHING;
  let slices = 0;
  let points = 0;
  for await (const slice of store.slices(tenant, range.name, range)) {
    slices += 1;
    const measured = { count: slice.count, sum: parseDecimal(slice.sum) };
    const one = seriesOf(series, slice, range.groupBy);
    const time = startOf(slice.minute);
    const before = one.points.get(time);
    if (before === undefined) points += 1;
    one.points.set(time, add(before ?? NOTHING, measured));
    one.total = add(one.total, measured);
    total = add(total, measured);
    requireWithin(limits, { slices, points, series: series.size });
  }
  const sorted = [...series].sort(([one], [other]) => (one < other ? -1 : 1));
  return {
    ...total,
    series: sorted.map(([, { group, points, total }]) => ({ group, points, ...total })),
  };
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
    one = { group, points: new Map(), total: NOTHING };
    series.set(key, one);
  }
  return one;
}

function add(one: Measured, other: Measured): Measured {
  return { count: one.count + other.count, sum: addDecimals(one.sum, other.sum) };
}

function requireWithin(limits: MetricLimits, used: MetricLimits): void {
  const tooMany = (['slices', 'series', 'points'] as const).find(
    (name) => used[name] > limits[name],
  );
  if (tooMany === undefined) return;
  throw new ProblemError(
    'metric_answer_too_large',
    `The answer would take more than ${limits[tooMany]} ${tooMany === 'slices' ? 'stored minutes' : tooMany}; ask for a shorter range, a longer interval or fewer dimensions.`,
  );
}
