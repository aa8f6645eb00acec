import { hash } from 'node:crypto';
import type { EventOf, OrderLine } from '@millrace/types';

type OrderEvent = EventOf<'millrace.order.v1'>;

/** What an order's events tell of its revenue. Depends on which events there were, not on their order. */
export interface RevenueEvidence {
  /** The step that shows the order to be paid; absent while none does. */
  readonly paid?: PaidStep;
  /** Event time of the earliest cancellation, ISO 8601 in UTC. */
  readonly cancelledAt?: string;
  /** Of the slices that were ever booked, or are to be. */
  readonly slices: number;
}

export interface PaidStep {
  /** The first in the order of its characters counts: the earliest status, then event time, then id. */
  readonly rank: string;
  /** Event time, ISO 8601 in UTC: when the revenue is booked. */
  readonly time: string;
  readonly currency: string;
  /** By sku. */
  readonly goods: readonly Goods[];
}

export interface Goods {
  readonly sku: string;
  readonly units: number;
  /** Minor units: a safe integer, as the total of the order is one. */
  readonly amount: number;
}

/** Steps of an order that was paid: `paid` itself may come last, or was never sent. */
const PAID_STEPS: readonly string[] = ['paid', 'shipped', 'delivered'];

/**
 * Skus that are booked in one transaction. FROZEN: what is booked is found again by it. Of each sku
 * revenue, units and refunds are counted in two windows; when the paid step changes, what was booked
 * is taken back in the same transaction: 8 × 6 × 2 and the slice itself, of a hundred actions.
 */
export const SKUS_PER_SLICE = 8;

/** @returns `before` itself where the event tells nothing new. */
export function withEvent(
  before: RevenueEvidence | undefined,
  event: OrderEvent,
): RevenueEvidence | undefined {
  const time = new Date(event.time).toISOString();
  if (event.data.status === 'cancelled') {
    if (before?.cancelledAt !== undefined && before.cancelledAt <= time) return before;
    return { slices: 0, ...before, cancelledAt: time };
  }
  const step = PAID_STEPS.indexOf(event.data.status);
  if (step < 0) return before;
  const digest = hash('sha256', JSON.stringify([event.source, event.id]), 'base64url').slice(0, 22);
  const rank = `${step} ${time} ${digest}`;
  if (before?.paid && before.paid.rank <= rank) return before;
  const goods = goodsOf(event.data.lines);
  const slices = Math.max(before?.slices ?? 0, Math.ceil(goods.length / SKUS_PER_SLICE));
  return { ...before, paid: { rank, time, currency: event.data.currency, goods }, slices };
}

/** Lines of the same sku are one. */
function goodsOf(lines: readonly OrderLine[]): Goods[] {
  const goods = new Map<string, Goods>();
  for (const { sku, quantity, unitPrice } of lines) {
    const known = goods.get(sku) ?? { sku, units: 0, amount: 0 };
    goods.set(sku, {
      sku,
      units: known.units + quantity,
      amount: known.amount + quantity * unitPrice,
    });
  }
  return [...goods.values()].sort((a, b) => (a.sku < b.sku ? -1 : 1));
}
