import type { MillraceEvent } from '@millrace/types';

/** What is sent: shares of the types, and how many keys they spread over. */
export interface Mix {
  readonly name: string;
  readonly eventAt: (at: number) => MillraceEvent;
}

const START = Date.parse('2026-11-23T09:00:00Z');

const envelope = (at: number, type: string, source: string) => ({
  specversion: '1.0' as const,
  id: `event-${at}-${((at * 2_654_435_761) >>> 0).toString(16).padStart(8, '0')}`,
  source,
  type,
  // A thousand events a second.
  time: new Date(START + at).toISOString(),
  tenant: 'bench',
});

const agent =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36';

/** About 1 KB of JSON. */
function click(at: number, visitors: number): MillraceEvent {
  const page = at % 23;
  return {
    ...envelope(at, 'millrace.click.v1', '/web/shop'),
    type: 'millrace.click.v1',
    data: {
      visitorId: `visitor-${(at * 7_919) % visitors}`,
      url: `https://shop.example/products/${page}?campaign=${'autumn-sale-'.repeat(42)}`,
      action: at % 4 === 0 ? 'click' : 'view',
      referrer: `https://search.example/results?q=millstone+${page}`,
      userAgent: agent,
    },
  };
}

/** About 1 KB of JSON in many small values. */
function activity(at: number): MillraceEvent {
  const property = (nth: number) => {
    if (nth % 3 === 0) return at % (nth + 7);
    return nth % 3 === 1 ? `option-${at % (nth + 11)} of the catalogue` : at % nth === 0;
  };
  return {
    ...envelope(at, 'millrace.activity.v1', '/app/shop'),
    type: 'millrace.activity.v1',
    data: {
      name: ['open', 'search', 'add_to_cart', 'checkout', 'pay'][at % 5] as string,
      userId: `user-${(at * 7_919) % 500}`,
      properties: Object.fromEntries(
        Array.from({ length: 27 }, (_, nth) => [`property_${nth + 1}`, property(nth + 1)]),
      ),
    },
  };
}

/** About 1 KB of JSON. */
function order(at: number): MillraceEvent {
  return {
    ...envelope(at, 'millrace.order.v1', '/shop/orders'),
    type: 'millrace.order.v1',
    data: {
      orderId: `order-${at}`,
      customerId: `customer-${at % 300}`,
      status: 'placed',
      currency: at % 3 === 0 ? 'KRW' : 'EUR',
      lines: Array.from({ length: 14 }, (_, line) => ({
        sku: `sku-${(at + line * 7) % 57}-large`,
        quantity: 1 + (line % 3),
        unitPrice: 450 + line,
      })),
    },
  };
}

function log(at: number): MillraceEvent {
  return {
    ...envelope(at, 'millrace.log.v1', '/services/checkout'),
    type: 'millrace.log.v1',
    data: {
      service: `service-${at % 7}`,
      level: at % 50 === 0 ? 'error' : 'info',
      message: `GET /products/${at % 23} ${'took its time and '.repeat(40)}answered`,
    },
  };
}

function reading(at: number, devices: number): MillraceEvent {
  return {
    ...envelope(at, 'millrace.telemetry.v1', `millrace/devices/d${at % devices}`),
    type: 'millrace.telemetry.v1',
    data: {
      deviceId: `d${at % devices}`,
      metrics: { rpm: (at % 97) / 8, celsius: 20 + (at % 13) / 10 },
      usage: { grain_kg: 0.25 },
    },
  };
}

export const MIXES: readonly Mix[] = [
  { name: 'activity with 27 properties', eventAt: activity },
  { name: 'orders of 14 lines', eventAt: order },
  { name: 'clicks of 200 visitors', eventAt: (at) => click(at, 200) },
  { name: 'lines of logs', eventAt: log },
  { name: 'readings of 20 devices', eventAt: (at) => reading(at, 20) },
  { name: 'readings of 1,000 devices', eventAt: (at) => reading(at, 1_000) },
];

/** Data of Kinesis records, base64, in batches. */
export function batchesOf({ eventAt }: Mix, batches: number, size: number): string[][] {
  return Array.from({ length: batches }, (_, batch) =>
    Array.from({ length: size }, (__, at) =>
      Buffer.from(JSON.stringify(eventAt(batch * size + at))).toString('base64'),
    ),
  );
}
