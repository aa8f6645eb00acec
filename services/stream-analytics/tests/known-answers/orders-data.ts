import type { EventOf, OrderLine, OrderStatus } from '@millrace/types';
import type { Incoming } from '../../src/domain/engine/pipeline.ts';
import { seeded } from './seeded.ts';

const LIVES: readonly (readonly OrderStatus[])[] = [
  ['placed'],
  ['placed', 'cancelled'],
  ['placed', 'paid'],
  ['placed', 'paid', 'cancelled'],
  ['placed', 'paid', 'shipped'],
  ['placed', 'paid', 'shipped', 'delivered'],
  // A producer that has lost the payment.
  ['placed', 'shipped', 'delivered'],
];
const SKUS = Array.from({ length: 40 }, (_, nth) => `sku-${nth}`);
const HOUR_MS = 3_600_000;

/**
 * Orders over three days, of one to five lines (one in fifty of a hundred), each step hours after the
 * one before; the steps in any order, 5 % sent twice.
 *
 * @param size orders.
 * @param from the first event time, ms since the epoch.
 */
export function events(seed: number, size: number, from = Date.UTC(2026, 10, 20)): Incoming[] {
  const chance = seeded(seed);
  const made = Array.from({ length: size }, (_, nth) => {
    const orderId = `order-${nth}`;
    const currency = chance.pick(['KRW', 'EUR', 'USD']);
    const lines = linesOf(chance, chance.whole(1, 50) === 50 ? 100 : chance.whole(1, 5));
    let time = from + chance.whole(0, 72 * HOUR_MS);
    return chance.pick(LIVES).map((status): Incoming => {
      time += chance.whole(1, 12 * HOUR_MS);
      return {
        tenant: 'acme',
        arrivedAt: new Date(time + 1_000).toISOString(),
        event: {
          specversion: '1.0',
          id: `${orderId}-${status}`,
          source: '/shop',
          type: 'millrace.order.v1',
          time: new Date(time).toISOString(),
          data: { orderId, customerId: 'c1', status, currency, lines },
        },
      };
    });
  }).flat();
  return chance.shuffled([...made, ...made.filter(() => chance.next() < 0.05)]);
}

function linesOf(chance: ReturnType<typeof seeded>, count: number): OrderLine[] {
  return Array.from({ length: count }, (_, nth) => ({
    sku: count === 100 ? `bulk-${nth}` : chance.pick(SKUS),
    quantity: chance.whole(1, 20),
    unitPrice: chance.whole(0, 250_000),
  }));
}

/** `metric window start currency sku` → orders and sum. */
export type Expected = Readonly<Record<string, { readonly count: number; readonly sum: number }>>;

/** The same told from the rows of a table of orders, as a query by currency, sku and window would. */
export function expected(given: readonly Incoming[]): Expected {
  const steps = new Map(
    given.map(({ event }) => [event.id, event as EventOf<'millrace.order.v1'>]),
  );
  const orderIds = new Set([...steps.values()].map(({ data }) => data.orderId));
  const totals = new Map<string, { count: number; sum: number }>();
  const add = (metric: string, time: string, rest: string, sum: number) => {
    for (const window of [`1h ${time.slice(0, 13)}:00:00Z`, `1d ${time.slice(0, 10)}T00:00:00Z`]) {
      const key = `${metric} ${window} ${rest}`;
      const before = totals.get(key) ?? { count: 0, sum: 0 };
      totals.set(key, { count: before.count + 1, sum: before.sum + sum });
    }
  };
  for (const orderId of orderIds) {
    const paid = steps.get(`${orderId}-paid`) ?? steps.get(`${orderId}-shipped`);
    if (!paid) continue;
    const cancelled = steps.get(`${orderId}-cancelled`);
    for (const sku of new Set(paid.data.lines.map((line) => line.sku))) {
      const lines = paid.data.lines.filter((line) => line.sku === sku);
      const amount = lines.reduce((sum, line) => sum + line.quantity * line.unitPrice, 0);
      const rest = `${paid.data.currency} ${sku}`;
      add('orders.revenue', paid.time, rest, amount);
      add(
        'orders.units',
        paid.time,
        rest,
        lines.reduce((sum, line) => sum + line.quantity, 0),
      );
      if (cancelled) add('orders.refunds', cancelled.time, rest, amount);
    }
  }
  return Object.fromEntries(totals);
}
