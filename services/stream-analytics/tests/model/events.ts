import { LOG_LEVELS, type MillraceEvent, ORDER_STATUSES } from '@millrace/types';
import fc from 'fast-check';
import type { IncomingEvent } from '../../src/domain/incoming-event.ts';

/** Values with three decimals at most, which the reference can add as whole thousandths. */
const thousandths = (min: number, max: number) =>
  fc.integer({ min: min * 1000, max: max * 1000 }).map((value) => value / 1000);

const names = (prefix: string, most: number) =>
  fc
    .uniqueArray(fc.integer({ min: 0, max: 99 }), { maxLength: most, size: 'max' })
    .map((numbers) => numbers.map((number) => `${prefix}${number}`));

const readings = (prefix: string, min: number, max: number, most: number) =>
  names(prefix, most).chain((keys) =>
    fc
      .tuple(...keys.map(() => thousandths(min, max)))
      .map((values) => Object.fromEntries(keys.map((key, at) => [key, values[at] ?? 0]))),
  );

/** Small ones, and ones of more items than a transaction holds: batches of several chunks. */
const mostNames = fc.constantFrom(3, 100);

const small = fc.oneof(
  fc.record({
    type: fc.constant('millrace.activity.v1'),
    data: fc.record({ name: fc.constantFrom('signed_in', 'searched'), userId: fc.constant('u1') }),
  }),
  fc.record({
    type: fc.constant('millrace.click.v1'),
    data: fc.record(
      {
        visitorId: fc.constant('v1'),
        url: fc.constant('/'),
        action: fc.constantFrom('view', 'click'),
      },
      { requiredKeys: ['visitorId', 'url'] },
    ),
  }),
  fc.record({
    type: fc.constant('millrace.order.v1'),
    data: fc.record({
      orderId: fc.constantFrom('o1', 'o2'),
      customerId: fc.constant('c1'),
      status: fc.constantFrom(...ORDER_STATUSES),
      currency: fc.constantFrom('KRW', 'EUR'),
      lines: fc.array(
        fc.record({
          sku: fc.constant('s1'),
          quantity: fc.integer({ min: 1, max: 1_000_000 }),
          unitPrice: fc.integer({ min: 0, max: 1_000_000_000 }),
        }),
        { minLength: 1, maxLength: 5 },
      ),
    }),
  }),
  fc.record({
    type: fc.constant('millrace.log.v1'),
    data: fc.record({
      service: fc.string({ minLength: 1, maxLength: 3 }),
      level: fc.constantFrom(...LOG_LEVELS),
      message: fc.constant('m'),
    }),
  }),
  fc.record({
    type: fc.constant('millrace.post.v1'),
    data: fc.record(
      { author: fc.constant('a1'), text: fc.constant('t'), lang: fc.constantFrom('ko', 'en') },
      { requiredKeys: ['author', 'text'] },
    ),
  }),
);

const reading = mostNames.chain((most) =>
  fc.record({
    type: fc.constant('millrace.telemetry.v1'),
    data: fc.record(
      {
        deviceId: fc.constantFrom('d1', 'd2'),
        metrics: readings('m', -1_000, 1_000, most),
        usage: readings('u', 0, 1_000_000, most),
      },
      { requiredKeys: ['deviceId', 'metrics'] },
    ),
  }),
);

const body = fc.oneof(small, reading);

const envelope = fc.record({
  specversion: fc.constant('1.0'),
  id: fc.integer({ min: 0, max: 30 }).map(String),
  source: fc.constantFrom('/web', '/app'),
  time: fc.constantFrom(
    '2026-11-23T09:41:00Z',
    '2026-11-23T09:41:59.999Z',
    '2026-11-23T18:41:30+09:00',
    '2026-11-23T09:42:00Z',
  ),
});

/** Distinct events: no two agree in tenant, source and id. */
export const distinctEvents: fc.Arbitrary<IncomingEvent[]> = fc.uniqueArray(
  fc.record({ envelope, body, tenant: fc.constantFrom('default', 'acme') }).map(
    (parts): IncomingEvent => ({
      tenant: parts.tenant,
      // The generators above follow the schema; `readEvent` is tested on its own.
      event: { ...parts.envelope, ...parts.body } as MillraceEvent,
    }),
  ),
  {
    selector: ({ tenant, event }) => `${tenant} ${event.source} ${event.id}`,
    minLength: 1,
    maxLength: 40,
    size: 'max',
  },
);

/**
 * Up to three shards that hold every event once and some twice, in any order. Few are repeated:
 * a repetition would hide that the first delivery was lost.
 */
export const shards: fc.Arbitrary<IncomingEvent[][]> = distinctEvents
  .chain((events) =>
    fc.tuple(
      fc.shuffledSubarray(events, { minLength: events.length }),
      fc.array(fc.constantFrom(...events), { maxLength: 8 }),
      fc.integer({ min: 1, max: 3 }),
    ),
  )
  .map(([events, repeated, shardCount]) => {
    const drawn: IncomingEvent[][] = Array.from({ length: shardCount }, () => []);
    for (const [at, event] of [...events, ...repeated].entries()) {
      drawn[at % shardCount]?.push(event);
    }
    return drawn;
  });

export function clickEvent(id: string, overrides: Partial<MillraceEvent> = {}): IncomingEvent {
  const event = {
    specversion: '1.0',
    id,
    source: '/web',
    type: 'millrace.click.v1',
    time: '2026-11-23T09:41:07Z',
    data: { visitorId: 'v1', url: '/' },
    ...overrides,
  } as MillraceEvent;
  return { event, tenant: 'acme' };
}

export function telemetryEvent(
  id: string,
  metrics: Record<string, number>,
  usage: Record<string, number> = {},
): IncomingEvent {
  return {
    tenant: 'acme',
    event: {
      specversion: '1.0',
      id,
      source: '/iot',
      type: 'millrace.telemetry.v1',
      time: '2026-11-23T09:41:07Z',
      data: { deviceId: 'd1', metrics, usage },
    },
  };
}

/** A reading that touches `1 + 2 × size` items. */
export function largeReading(id: string, size = 100): IncomingEvent {
  const values = (prefix: string) =>
    Object.fromEntries(Array.from({ length: size }, (_, at) => [`${prefix}${at}`, at + 0.25]));
  return telemetryEvent(id, values('m'), values('u'));
}
