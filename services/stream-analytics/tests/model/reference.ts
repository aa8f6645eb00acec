import type { IncomingEvent } from '../../src/domain/incoming-event.ts';

/** `tenant metric minute dimensions` → count and sum; sums as plain decimal text. */
export type Totals = Record<string, { count: number; sum: string }>;

/** The metrics that the reference knows: those that are a function of one event, but for details. */
export const COUNTED: ReadonlySet<string> = new Set([
  'activity',
  'click',
  'order',
  'log',
  'post',
  'document',
  'telemetry',
  'telemetry.metric',
  'telemetry.usage',
]);

/** What the counters must show, told as simply as can be: each distinct event once. */
export function referenceTotals(events: readonly IncomingEvent[]): Totals {
  const totals = new Map<string, { count: number; thousandths: bigint }>();
  const distinct = new Map(
    events.map((one) => [JSON.stringify([one.tenant, one.event.source, one.event.id]), one]),
  );
  for (const { tenant, event } of distinct.values()) {
    const minute = `${new Date(event.time).toISOString().slice(0, 17)}00Z`;
    for (const [metric, dimensions, thousandths] of partsOf(event)) {
      const key = totalKey(tenant, metric, minute, dimensions);
      const total = totals.get(key) ?? { count: 0, thousandths: 0n };
      total.count += 1;
      total.thousandths += thousandths;
      totals.set(key, total);
    }
  }
  return Object.fromEntries(
    [...totals].map(([key, { count, thousandths }]) => [key, { count, sum: text(thousandths) }]),
  );
}

export function totalKey(
  tenant: string,
  metric: string,
  minute: string,
  dimensions: Readonly<Record<string, string>>,
): string {
  const sorted = Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${tenant} ${metric} ${minute} ${JSON.stringify(sorted)}`;
}

type Part = [metric: string, dimensions: Record<string, string>, thousandths: bigint];

function partsOf(event: IncomingEvent['event']): Part[] {
  switch (event.type) {
    case 'millrace.activity.v1':
      return [['activity', { name: event.data.name }, 0n]];
    case 'millrace.click.v1':
      return [['click', { action: event.data.action ?? 'view' }, 0n]];
    case 'millrace.order.v1': {
      const { currency, status, lines } = event.data;
      let total = 0n;
      for (const { quantity, unitPrice } of lines) total += BigInt(quantity) * BigInt(unitPrice);
      return [['order', { currency, status }, total * 1000n]];
    }
    case 'millrace.log.v1':
      return [['log', { service: event.data.service, level: event.data.level }, 0n]];
    case 'millrace.post.v1':
      return [['post', { lang: event.data.lang ?? 'und' }, 0n]];
    case 'millrace.document.v1':
      return [['document', { change: event.data.deleted ? 'deleted' : 'written' }, 0n]];
    case 'millrace.telemetry.v1': {
      const { deviceId, metrics, usage = {} } = event.data;
      const parts: Part[] = [['telemetry', { deviceId }, 0n]];
      for (const [metric, value] of Object.entries(metrics))
        parts.push(['telemetry.metric', { deviceId, metric }, BigInt(Math.round(value * 1000))]);
      for (const [meter, value] of Object.entries(usage))
        parts.push(['telemetry.usage', { deviceId, meter }, BigInt(Math.round(value * 1000))]);
      return parts;
    }
  }
}

function text(thousandths: bigint): string {
  const sign = thousandths < 0n ? '-' : '';
  const digits = String(thousandths < 0n ? -thousandths : thousandths).padStart(4, '0');
  return sign + `${digits.slice(0, -3)}.${digits.slice(-3)}`.replace(/\.?0+$/, '');
}
