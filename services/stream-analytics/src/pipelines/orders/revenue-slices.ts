import type { CellWrite } from '../../domain/engine/analytics-store.ts';
import { addTo, type Cell, cellKey, emptyCells, type Observed } from '../../domain/engine/cells.ts';
import { type Goods, type RevenueEvidence, SKUS_PER_SLICE } from './revenue-evidence.ts';

/** State: what of an order is booked by one transaction. */
export interface RevenueSlice {
  /** Version of the evidence that it follows from. */
  readonly follows: number;
  readonly booked?: Booking;
}

export interface Booking {
  /** ISO 8601. */
  readonly time: string;
  readonly currency: string;
  readonly goods: readonly Goods[];
  /** When the order was cancelled after it was paid. */
  readonly refundedAt?: string;
}

/** What has to be booked for the n-th slice; undefined where nothing has. */
export function bookingOf({ paid, cancelledAt }: RevenueEvidence, nth: number) {
  const goods = paid?.goods.slice(nth * SKUS_PER_SLICE, (nth + 1) * SKUS_PER_SLICE) ?? [];
  if (!paid || goods.length === 0) return undefined;
  const { time, currency } = paid;
  return { time, currency, goods, ...(cancelledAt !== undefined && { refundedAt: cancelledAt }) };
}

/**
 * What is to be added to the counters so that they hold the new booking in place of the old.
 *
 * @param writer names the counters' items: the same for all bookings of an order.
 */
export function cellsBetween(
  before: Booking | undefined,
  after: Booking | undefined,
  tenant: string,
  writer: string,
): CellWrite[] {
  const cells = new Map<string, Cell>();
  for (const one of [...countedOf(before, -1), ...countedOf(after, 1)]) {
    for (const empty of emptyCells(one, tenant, writer)) {
      const cell = cells.get(cellKey(empty)) ?? empty;
      cells.set(cellKey(cell), cell);
      addTo(cell, one);
    }
  }
  return [...cells.values()]
    .filter(({ count, sum }) => count !== 0 || sum !== 0n)
    .map(({ seen: _, ...cell }) => cell);
}

function countedOf(booking: Booking | undefined, times: 1 | -1): Observed[] {
  if (!booking) return [];
  const { time, currency, goods, refundedAt } = booking;
  return goods.flatMap(({ sku, units, amount }): Observed[] => {
    const by = { currency, sku };
    const revenue = { by, value: BigInt(amount) };
    return [
      { metric: 'orders.revenue', time, observation: revenue, times },
      { metric: 'orders.units', time, observation: { by, value: units }, times },
      ...(refundedAt === undefined
        ? []
        : [{ metric: 'orders.refunds' as const, time: refundedAt, observation: revenue, times }]),
    ];
  });
}
