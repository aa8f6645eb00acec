import type { EventOf } from '../events/cloud-event.ts';
import type { OrderLine, OrderStatus } from '../events/data.ts';

/** Table `orders`: partition key `tenant`, sort key `orderId`. */
export interface OrderItem {
  readonly tenant: string;
  readonly orderId: string;
  readonly customerId: string;
  readonly status: OrderStatus;
  readonly currency: string;
  readonly lines: readonly OrderLine[];
  /** Minor units. */
  readonly total: number;
  /** Event time of the first and of the newest step, ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** Sum of quantity × unit price: at most 100 lines × 10^6 × 10^9 = 10^17, so callers must check `Number.isSafeInteger`. */
export function orderTotal(lines: readonly OrderLine[]): number {
  return lines.reduce((total, line) => total + line.quantity * line.unitPrice, 0);
}

/**
 * The item that an order event makes of an order that has none yet. The API (which answers at once)
 * and the projection of the stream both write it with `attribute_not_exists`, so whichever comes
 * first, the same item is there. Later steps change `status` and `updatedAt` of the item that exists.
 *
 * The event must be valid: `OrderData` holds that the total is a safe integer.
 */
export function orderItemFrom(event: EventOf<'millrace.order.v1'>, tenant: string): OrderItem {
  const { orderId, customerId, status, currency, lines } = event.data;
  const time = new Date(event.time).toISOString();
  return {
    tenant,
    orderId,
    customerId,
    status,
    currency,
    lines,
    total: orderTotal(lines),
    createdAt: time,
    updatedAt: time,
  };
}
