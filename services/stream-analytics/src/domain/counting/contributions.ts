import { createHash } from 'node:crypto';
import {
  METRICS,
  type MetricName,
  type MillraceEvent,
  metricPartition,
  minuteOf,
} from '@millrace/types';
import { type Decimal, decimalOf, decimalOfInteger, ZERO } from '../decimal.ts';

/** What is added to one item of the table `metrics`. */
export interface Increment {
  readonly pk: string;
  readonly sk: string;
  readonly tenant: string;
  readonly metric: MetricName;
  readonly minute: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly count: number;
  readonly sum: Decimal;
}

type Dimensions<M extends MetricName> = Readonly<
  Record<(typeof METRICS)[M]['dimensions'][number], string>
>;

/** All that one event adds: a function of the event alone, in an order that its JSON cannot change. */
export function contributionsOf(event: MillraceEvent, tenant: string): readonly Increment[] {
  const minute = minuteOf(event.time);
  const one = <M extends MetricName>(metric: M, dimensions: Dimensions<M>, sum = ZERO) =>
    increment(tenant, metric, minute, dimensions, sum);
  switch (event.type) {
    case 'millrace.activity.v1':
      return [one('activity', { name: event.data.name })];
    case 'millrace.click.v1':
      return [one('click', { action: event.data.action ?? 'view' })];
    case 'millrace.order.v1': {
      const { currency, status, lines } = event.data;
      return [one('order', { currency, status }, decimalOfInteger(totalOf(lines)))];
    }
    case 'millrace.log.v1':
      return [one('log', { service: event.data.service, level: event.data.level })];
    case 'millrace.post.v1':
      return [one('post', { lang: event.data.lang ?? 'und' })];
    case 'millrace.telemetry.v1': {
      const { deviceId, metrics, usage = {} } = event.data;
      return [
        one('telemetry', { deviceId }),
        ...byName(metrics).map(([metric, value]) =>
          one('telemetry.metric', { deviceId, metric }, decimalOf(value)),
        ),
        ...byName(usage).map(([meter, quantity]) =>
          one('telemetry.usage', { deviceId, meter }, decimalOf(quantity)),
        ),
      ];
    }
  }
}

/** Minor units. Up to 10¹⁷, beyond the whole numbers that a double holds. */
function totalOf(lines: readonly { quantity: number; unitPrice: number }[]): bigint {
  return lines.reduce((sum, line) => sum + BigInt(line.quantity) * BigInt(line.unitPrice), 0n);
}

function byName(values: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
}

function increment(
  tenant: string,
  metric: MetricName,
  minute: string,
  dimensions: Readonly<Record<string, string>>,
  sum: Decimal,
): Increment {
  const pk = metricPartition(tenant, metric);
  const sk = `${minute}#${digestOf(metric, dimensions)}`;
  return { pk, sk, tenant, metric, minute, dimensions, count: 1, sum };
}

function digestOf(metric: MetricName, dimensions: Readonly<Record<string, string>>): string {
  const values = METRICS[metric].dimensions.map((name) => dimensions[name]);
  return createHash('sha256').update(JSON.stringify(values)).digest('base64url').slice(0, 22);
}

/** Names the item that an increment touches. */
export function itemOf(increment: Increment): string {
  return `${increment.pk}\n${increment.sk}`;
}

/** One increment per touched item, so that a hot item is written once per transaction. */
export function merged(increments: Iterable<Increment>): Increment[] {
  const items = new Map<string, Increment>();
  for (const next of increments) {
    const item = itemOf(next);
    const known = items.get(item);
    items.set(
      item,
      known ? { ...known, count: known.count + next.count, sum: known.sum + next.sum } : next,
    );
  }
  return [...items.values()];
}
