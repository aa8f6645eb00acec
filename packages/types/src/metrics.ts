import type { EventOf, EventType, MillraceEvent } from './events/cloud-event.ts';
import type { OrderLine } from './events/data.ts';
import { orderTotal } from './tables/orders.ts';

/** Event-time windows that are stored; a longer interval is added up from the next shorter one. */
export const METRIC_WINDOWS = ['1m', '1h', '1d'] as const;
export type MetricWindow = (typeof METRIC_WINDOWS)[number];

/**
 * What is kept of a window besides count and sum: `extremes` and `quantiles` of the values (DDSketch,
 * 1 %), the number of `distinct` members (HyperLogLog, 1.6 %), the most frequent (`top`) terms.
 */
export type MetricDetail = 'extremes' | 'quantiles' | 'distinct' | 'top';

/** One thing seen, of one combination of dimensions. */
export interface Observation<D extends string = string> {
  readonly by: Readonly<Record<D, string>>;
  /** Added to the sum; feeds extremes and quantiles. */
  readonly value?: number | bigint;
  /** Feeds `distinct`. */
  readonly member?: string;
  /** Feeds `top`; at most 256 bytes of it are kept. */
  readonly term?: string;
}

/** What is counted. */
export interface MetricDeclaration<D extends string = string> {
  /** What an answer can be grouped by. */
  readonly dimensions: readonly D[];
  /** What is added up (exact decimals), or null where only occurrences are counted. */
  readonly sum: string | null;
  readonly windows: readonly MetricWindow[];
  readonly details: readonly MetricDetail[];
  /** Where it comes from; null where a pipeline of stream-analytics observes it while it keeps a state. */
  readonly source: MetricSource | null;
}

export interface MetricSource {
  readonly event: EventType;
  observe(event: MillraceEvent): readonly Observation[];
}

interface Aggregation {
  readonly sum?: string;
  readonly windows?: readonly MetricWindow[];
  readonly details?: readonly MetricDetail[];
}

/** Counted from every event of a type that passes the filter. */
function from<T extends EventType, const D extends readonly string[]>(
  event: T,
  dimensions: D,
  declared: Aggregation & {
    readonly where?: (event: EventOf<T>) => boolean;
    readonly observe: (
      event: EventOf<T>,
    ) => Observation<D[number]> | readonly Observation<D[number]>[];
  },
): MetricDeclaration<D[number]> {
  const { where, observe } = declared;
  return {
    ...emitted(dimensions, declared),
    source: {
      event,
      // The pipeline gives each source only the events of its type.
      observe: (one) => {
        if (where && !where(one as EventOf<T>)) return [];
        const seen = observe(one as EventOf<T>);
        return Array.isArray(seen) ? seen : [seen as Observation];
      },
    },
  };
}

/** Observed by a pipeline that keeps a state. */
function emitted<const D extends readonly string[]>(
  dimensions: D,
  { sum, windows = METRIC_WINDOWS, details = [] }: Aggregation,
): MetricDeclaration<D[number]> {
  return { dimensions, sum: sum ?? null, windows, details, source: null };
}

/**
 * All that is counted: name, event, filter, dimensions, aggregation. A new metric is an entry here and
 * nothing else; the pipeline `metrics` counts it and `GET /metrics/{name}` answers it.
 *
 * FROZEN once deployed, by metric: what an event adds to a metric must not change while a delivery of
 * it may still come; give a changed metric another name.
 */
export const METRICS = {
  activity: from('millrace.activity.v1', ['name'], {
    observe: ({ data }) => ({ by: { name: data.name } }),
  }),
  'activity.users': from('millrace.activity.v1', [], {
    windows: ['1d'],
    details: ['distinct'],
    observe: ({ data }) => ({ by: {}, member: data.userId }),
  }),
  // Of properties with a closed list of values.
  'activity.properties': emitted(['name', 'property', 'value'], { windows: ['1h', '1d'] }),
  // Of properties with any value.
  'activity.terms': emitted(['name', 'property'], {
    windows: ['1d'],
    details: ['distinct', 'top'],
  }),
  // At the day of entering.
  'activity.funnel': emitted(['funnel', 'step'], { windows: ['1d'] }),
  // At the first day of the cohort; `day` is that many days later.
  'activity.retention': emitted(['cohort', 'day'], { windows: ['1d'] }),
  click: from('millrace.click.v1', ['action'], {
    observe: ({ data }) => ({ by: { action: data.action ?? 'view' } }),
  }),
  // Of visitors who are no bots; what a session counts, it counts at its start.
  'clicks.pages': emitted(['page'], { windows: ['1h', '1d'] }),
  'clicks.sessions': emitted(['device', 'browser', 'os'], {
    sum: 'pages seen',
    windows: ['1h', '1d'],
  }),
  'clicks.bounces': emitted(['device', 'browser', 'os'], { windows: ['1h', '1d'] }),
  'clicks.durations': emitted(['device'], { sum: 'seconds', windows: ['1h', '1d'] }),
  'clicks.entries': emitted(['page'], { windows: ['1d'] }),
  'clicks.exits': emitted(['page'], { windows: ['1d'] }),
  'clicks.sources': emitted(['referrer', 'source', 'medium', 'campaign'], { windows: ['1d'] }),
  'clicks.bots': emitted(['bot'], { windows: ['1h', '1d'] }),
  order: from('millrace.order.v1', ['currency', 'status'], {
    sum: 'total in minor units of the currency',
    observe: ({ data }) => ({
      by: { currency: data.currency, status: data.status },
      value: totalOf(data.lines),
    }),
  }),
  // How large orders are: quantiles to 1 %.
  'orders.placed': from('millrace.order.v1', ['currency'], {
    sum: 'total in minor units of the currency',
    windows: ['1h', '1d'],
    details: ['quantiles'],
    where: ({ data }) => data.status === 'placed',
    observe: ({ data }) => ({ by: { currency: data.currency }, value: totalOf(data.lines) }),
  }),
  // Of orders that were paid, at the event time of that step; counted once for each order and sku.
  'orders.revenue': emitted(['currency', 'sku'], {
    windows: ['1h', '1d'],
    sum: 'minor units of the currency',
  }),
  'orders.units': emitted(['currency', 'sku'], { windows: ['1h', '1d'], sum: 'units sold' }),
  // Of orders that were cancelled after they were paid, at the event time of the cancellation.
  'orders.refunds': emitted(['currency', 'sku'], {
    windows: ['1h', '1d'],
    sum: 'minor units of the currency',
  }),
  log: from('millrace.log.v1', ['service', 'level'], {
    observe: ({ data }) => ({ by: { service: data.service, level: data.level } }),
  }),
  post: from('millrace.post.v1', ['lang'], {
    observe: ({ data }) => ({ by: { lang: data.lang ?? 'und' } }),
  }),
  /** Each post once; `lang` as declared or else detected, `polarity` positive, neutral, negative or unknown. */
  'posts.sentiment': emitted(['lang', 'polarity'], { sum: 'scores from −10 to 10' }),
  'posts.hashtags': emitted([], { windows: ['1h', '1d'], details: ['top'] }),
  'posts.mentions': emitted([], { windows: ['1h', '1d'], details: ['top'] }),
  'posts.terms': emitted(['lang'], { windows: ['1h', '1d'], details: ['top'] }),
  document: from('millrace.document.v1', ['change'], {
    observe: ({ data }) => ({ by: { change: data.deleted ? 'deleted' : 'written' } }),
  }),
  // Per device only by the minute: the pipeline `telemetry` keeps the longer windows of a device.
  telemetry: from('millrace.telemetry.v1', ['deviceId'], {
    windows: ['1m'],
    observe: ({ data }) => ({ by: { deviceId: data.deviceId } }),
  }),
  'telemetry.metric': from('millrace.telemetry.v1', ['deviceId', 'metric'], {
    windows: ['1m'],
    sum: 'measured values',
    observe: ({ data: { deviceId, metrics } }) =>
      Object.entries(metrics).map(([metric, value]) => ({ by: { deviceId, metric }, value })),
  }),
  'telemetry.usage': from('millrace.telemetry.v1', ['deviceId', 'meter'], {
    windows: ['1m'],
    sum: 'quantities used',
    observe: ({ data: { deviceId, usage = {} } }) =>
      Object.entries(usage).map(([meter, value]) => ({ by: { deviceId, meter }, value })),
  }),
  'cleansing.events': emitted(['type', 'outcome'], {}),
  'cleansing.changes': emitted(['rule', 'field'], {}),
  // Which lines of a service went to the lake and why. How many there were is told by `log`.
  'logs.decisions': emitted(['service', 'rule', 'decision'], {}),
} as const satisfies Record<string, MetricDeclaration>;

export type MetricName = keyof typeof METRICS;
export type MetricDimension<M extends MetricName> = (typeof METRICS)[M]['dimensions'][number];
export const METRIC_NAMES = Object.keys(METRICS) as MetricName[];

export function isMetricName(name: string): name is MetricName {
  return Object.hasOwn(METRICS, name);
}

/** Minor units. */
function totalOf(lines: readonly OrderLine[]): bigint {
  const total = orderTotal(lines);
  // Nothing is negative: where the total is a whole number that a double holds, all before it are.
  if (Number.isSafeInteger(total)) return BigInt(total);
  return lines.reduce((sum, line) => sum + BigInt(line.quantity) * BigInt(line.unitPrice), 0n);
}
