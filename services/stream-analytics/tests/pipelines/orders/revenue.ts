import type { EventOf, OrderLine, OrderStatus } from '@millrace/types';
import { type Decimal, decimalText, ZERO } from '../../../src/domain/decimal.ts';
import type { CellWrite } from '../../../src/domain/engine/analytics-store.ts';
import { bookRevenue, type RevenueStore } from '../../../src/pipelines/orders/book-revenue.ts';
import { projectOrder } from '../../../src/pipelines/orders/project-order.ts';
import { unpaced } from '../../model/deliver.ts';
import { memoryOrderStore } from '../../model/memory-order-store.ts';

export type OrderEvent = EventOf<'millrace.order.v1'>;

export function step(
  status: OrderStatus,
  time: string,
  lines: readonly OrderLine[] = [{ sku: 'a', quantity: 2, unitPrice: 1500 }],
  {
    orderId = 'o1',
    currency = 'KRW',
  }: { readonly orderId?: string; readonly currency?: string } = {},
): OrderEvent {
  return {
    specversion: '1.0',
    id: `${orderId}-${status}`,
    source: '/shop',
    type: 'millrace.order.v1',
    time,
    data: { orderId, customerId: 'c1', status, currency, lines: [...lines] },
  };
}

/** Does with an order event what the function `projectOrders` does. */
export function revenueOf(store: RevenueStore, orders = memoryOrderStore()) {
  return async (event: OrderEvent) => {
    await projectOrder(event, 'acme', orders);
    await bookRevenue(event, 'acme', { store, pacing: unpaced });
  };
}

/** `metric window start currency sku` → count and sum, over all writers; nothing that adds up to zero. */
export function bookedIn(cells: readonly CellWrite[]): Record<string, string> {
  const booked = new Map<string, { count: number; sum: Decimal }>();
  for (const { metric, window, start, dimensions, count, sum } of cells) {
    const name = `${metric} ${window} ${start} ${dimensions.currency} ${dimensions.sku}`;
    const before = booked.get(name) ?? { count: 0, sum: ZERO };
    booked.set(name, { count: before.count + count, sum: before.sum + sum });
  }
  return Object.fromEntries(
    [...booked]
      .filter(([, { count, sum }]) => count !== 0 || sum !== ZERO)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { count, sum }]) => [name, `${count} × ${decimalText(sum)}`]),
  );
}
