import type { MetricName, MetricWindow } from '../metrics.ts';

/**
 * What the SNS topic `alerts` is told of a metric. Each incident is told twice, when it begins and when
 * it is over; either is delivered at least once, always with the same `id`.
 */
export interface MetricAlert {
  readonly id: string;
  readonly type: 'metric_firing' | 'metric_resolved';
  /** The same for both ends of one incident. */
  readonly incident: string;
  /** Id of the rule. */
  readonly rule: string;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly title: { readonly ko: string; readonly en: string };
  readonly tenant: string;
  readonly metric: MetricName;
  readonly window: MetricWindow;
  /** Dimensions that the rule groups by. */
  readonly group: Readonly<Record<string, string>>;
  /** Start of the first window of the row that began the incident. */
  readonly since: string;
  /** Start of the window that decided. */
  readonly start: string;
  /** When it was decided, ISO 8601. */
  readonly at: string;
  /** Of the window that decided; null where the incident is over because nothing comes any more. */
  readonly value: number | null;
  /** Of an anomaly: the mean before the window, and by how many deviations the value lay off it. */
  readonly usual?: { readonly mean: number; readonly deviations: number };
}
