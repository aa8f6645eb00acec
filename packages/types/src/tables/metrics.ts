import type { MetricName, MetricWindow } from '../metrics.ts';

/**
 * Table `metrics`: one item per tenant, metric, event-time window, combination of dimensions and
 * writer. What is asked for is the sum (or the merger) over the writers.
 */
export interface MetricItem {
  /** `metricPartition(tenant, metric, window)`. */
  readonly pk: string;
  /** `<start>#<digest of the dimensions>#<writer>`. A writer is a shard: two shards never meet at an item. */
  readonly sk: string;
  readonly tenant: string;
  readonly metric: MetricName;
  readonly window: MetricWindow;
  /** Start of the window: `2026-11-23T09:41:00Z`. */
  readonly start: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly count: number;
  /** Exact decimal (DynamoDB keeps 38 digits): read it as text, not as a double. */
  readonly sum: string;
  /** Of the values, where the metric keeps extremes. */
  readonly min?: number;
  readonly max?: number;
  /** Encoded by `@millrace/sketches`. */
  readonly quantiles?: Uint8Array;
  readonly distinct?: Uint8Array;
  readonly top?: Uint8Array;
}

/** Neither a tenant nor a metric's name holds `#`. */
export function metricPartition(
  tenant: string,
  metric: MetricName,
  window: MetricWindow = '1m',
): string {
  return window === '1m' ? `${tenant}#${metric}` : `${tenant}#${metric}#${window}`;
}

/** @param time event time, RFC 3339 with any offset. Returns the start of its minute in UTC. */
export function minuteOf(time: string): string {
  return windowStart(time, '1m');
}

const KEPT = { '1m': 16, '1h': 13, '1d': 10 } as const;
const REST = { '1m': ':00Z', '1h': ':00:00Z', '1d': 'T00:00:00Z' } as const;

/** @param time event time, RFC 3339 with any offset. Returns the start of its window in UTC, to the second. */
export function windowStart(time: string, window: MetricWindow): string {
  // Most times are in UTC, and an event's time has a year of four digits: no date arithmetic.
  if (time.endsWith('Z')) return time.slice(0, KEPT[window]) + REST[window];
  return new Date(time).toISOString().slice(0, KEPT[window]) + REST[window];
}
