import type { EwmaOptions } from '@millrace/sketches';
import {
  METRICS,
  type MetricDeclaration,
  type MetricDetail,
  type MetricDimension,
  type MetricName,
  type MetricWindow,
} from '@millrace/types';

/** What a window's value is. `min` … `distinct` are of metrics that keep the detail for it. */
export type Measure = 'count' | 'sum' | 'mean' | 'min' | 'max' | 'p50' | 'p95' | 'p99' | 'distinct';

export interface Threshold {
  readonly is: 'above' | 'at_least' | 'below' | 'at_most';
  readonly than: number;
}

/** Off the exponentially weighted mean of the windows before by so many standard deviations. */
export interface Anomaly extends EwmaOptions {
  readonly off: 'above' | 'below' | 'either';
  readonly deviations: number;
}

export interface AlertRule<M extends MetricName = MetricName> {
  /** FROZEN: what is remembered is found by it. A rule with another condition is another rule. */
  readonly id: string;
  readonly title: { readonly ko: string; readonly en: string };
  readonly severity: 'info' | 'warning' | 'critical';
  readonly metric: M;
  readonly window: MetricWindow;
  readonly measure: Measure;
  /** Values that count, by dimension; all where a dimension is not named. */
  readonly where?: { readonly [D in MetricDimension<M>]?: readonly string[] };
  /** Judged apart; without it, all of a tenant is one group. */
  readonly groupBy?: readonly MetricDimension<M>[];
  /** A window without data is 0, or is passed over as if it were not there. */
  readonly empty: 'zero' | 'skip';
  readonly threshold?: Threshold;
  readonly anomaly?: Anomaly;
  /** How many windows in a row begin an incident, and how many end it. */
  readonly fireAfter: number;
  readonly resolveAfter: number;
}

/** Lets the compiler hold the dimensions to the metric. */
export function alertRule<const M extends MetricName>(rule: AlertRule<M>): AlertRule {
  return rule as unknown as AlertRule;
}

const NEEDS: { readonly [M in Measure]?: MetricDetail } = {
  min: 'extremes',
  max: 'extremes',
  p50: 'quantiles',
  p95: 'quantiles',
  p99: 'quantiles',
  distinct: 'distinct',
};
const NOTHING_IS_ZERO: ReadonlySet<Measure> = new Set(['count', 'sum', 'distinct']);

/** @throws TypeError for a rule that can never be judged: at the first test or cold start. */
export function declareRules(rules: readonly AlertRule[]): readonly AlertRule[] {
  for (const rule of rules) {
    const wrong = faultOf(rule);
    if (wrong) throw new TypeError(`The alert rule ${rule.id} ${wrong}`);
  }
  if (new Set(rules.map(({ id }) => id)).size < rules.length) {
    throw new TypeError('Two alert rules have one id');
  }
  return rules;
}

function faultOf(rule: AlertRule): string | undefined {
  const { id, metric, window, measure, empty, threshold, anomaly } = rule;
  const { windows, details, sum } = METRICS[metric] as MetricDeclaration;
  const needed = NEEDS[measure];
  if (!/^[a-z0-9-]{1,64}$/.test(id)) return 'needs an id of small letters, digits and -';
  if (!windows.includes(window)) return `asks for windows of ${window}, which ${metric} has not`;
  if (needed && !details.includes(needed)) return `needs ${needed}, which ${metric} does not keep`;
  if ((measure === 'sum' || measure === 'mean') && sum === null) return `adds up what has no sum`;
  if (empty === 'zero' && !NOTHING_IS_ZERO.has(measure)) return `has no ${measure} of nothing`;
  if ((threshold === undefined) === (anomaly === undefined))
    return 'needs either a threshold or an anomaly';
  for (const row of [rule.fireAfter, rule.resolveAfter]) {
    if (!Number.isSafeInteger(row) || row < 1) return 'needs whole numbers of windows in a row';
  }
  return undefined;
}
