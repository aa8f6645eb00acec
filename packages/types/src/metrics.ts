/**
 * What is counted per minute of event time. `dimensions` are what an answer can be grouped by;
 * `sum` says what is added up (exact decimals), or null where only occurrences are counted.
 */
export interface MetricDeclaration {
  readonly dimensions: readonly string[];
  readonly sum: string | null;
}

export const METRICS = {
  activity: { dimensions: ['name'], sum: null },
  click: { dimensions: ['action'], sum: null },
  order: { dimensions: ['currency', 'status'], sum: 'total in minor units of the currency' },
  log: { dimensions: ['service', 'level'], sum: null },
  post: { dimensions: ['lang'], sum: null },
  telemetry: { dimensions: ['deviceId'], sum: null },
  'telemetry.metric': { dimensions: ['deviceId', 'metric'], sum: 'measured values' },
  'telemetry.usage': { dimensions: ['deviceId', 'meter'], sum: 'quantities used' },
} as const satisfies Record<string, MetricDeclaration>;

export type MetricName = keyof typeof METRICS;
export const METRIC_NAMES = Object.keys(METRICS) as MetricName[];

export function isMetricName(name: string): name is MetricName {
  return Object.hasOwn(METRICS, name);
}
