import type { MetricName } from '../metrics.ts';

/**
 * Table `metrics`: one item per tenant, metric, minute of event time and combination of dimensions.
 * `count` and `sum` are only ever added to.
 */
export interface MetricItem {
  /** `metricPartition(tenant, metric)`. */
  readonly pk: string;
  /** `<minute>#<digest of the dimensions>`. */
  readonly sk: string;
  readonly tenant: string;
  readonly metric: MetricName;
  /** Start of the minute: `2026-11-23T09:41:00Z`. */
  readonly minute: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly count: number;
  /** Exact decimal (DynamoDB keeps 38 digits): read it as text, not as a double. */
  readonly sum: string;
}

export function metricPartition(tenant: string, metric: MetricName): string {
  return `${tenant}#${metric}`;
}

/** @param time event time, RFC 3339 with any offset. Returns the start of its minute in UTC. */
export function minuteOf(time: string): string {
  return `${new Date(time).toISOString().slice(0, 16)}:00Z`;
}
