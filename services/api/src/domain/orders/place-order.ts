import { isDeepStrictEqual } from 'node:util';
import {
  type EventOf,
  type OrderItem,
  type OrderRequest,
  orderItemFrom,
  orderTotal,
  ProblemError,
} from '@millrace/types';
import type { EventStream } from '../events/ports.ts';
import { streamEntryOf } from '../events/stream-entry.ts';
import { idOfRequest } from '../identifiers.ts';
import type { OrderStore, OrderTimes } from './ports.ts';

export interface OrderPorts {
  readonly orders: OrderStore;
  readonly times: OrderTimes;
  readonly stream: EventStream;
}

/**
 * Places an order once per tenant and Idempotency-Key, wherever an attempt before may have died:
 * the order's id, the event's id and its time are those of the first attempt, the event is counted
 * once by its id, and the item is written only where there is none.
 * See docs/decisions/0005-orders-are-written-twice-and-converge.md.
 *
 * @throws ProblemError idempotency_key_reused, service_unavailable
 */
export async function placeOrder(
  request: OrderRequest,
  context: { readonly tenant: string; readonly idempotencyKey: string; readonly now: number },
  ports: OrderPorts,
): Promise<OrderItem> {
  const { tenant, idempotencyKey, now } = context;
  const orderId = idOfRequest('order', tenant, idempotencyKey);
  // Long after the first answer has been forgotten, the order itself still remembers the key.
  const placed = await ports.orders.find(tenant, orderId);
  if (placed !== undefined) return requireSame(placed, request);
  const time = await ports.times.rememberFirst(tenant, orderId, new Date(now).toISOString());
  const event = orderPlaced(orderId, request, time);
  const unsent = await ports.stream.send([streamEntryOf(event, tenant)]);
  if (unsent.size > 0) {
    throw new ProblemError(
      'service_unavailable',
      'Whether the order was placed is not certain; repeat it with the same Idempotency-Key.',
      { retryAfterSeconds: 1 },
    );
  }
  return requireSame(await ports.orders.addOnce(orderItemFrom(event, tenant)), request);
}

/** @throws ProblemError order_total_too_large */
export function requireExactTotal(request: OrderRequest): void {
  if (Number.isSafeInteger(orderTotal(request.lines))) return;
  throw new ProblemError(
    'order_total_too_large',
    `The total must be at most ${Number.MAX_SAFE_INTEGER} minor units; split the order.`,
  );
}

function orderPlaced(
  orderId: string,
  request: OrderRequest,
  time: string,
): EventOf<'millrace.order.v1'> {
  return {
    specversion: '1.0',
    id: `${orderId}/placed`,
    source: 'millrace/api',
    type: 'millrace.order.v1',
    time,
    subject: orderId,
    data: { orderId, ...request, status: 'placed' },
  };
}

function requireSame(order: OrderItem, request: OrderRequest): OrderItem {
  const { customerId, currency, lines } = order;
  if (isDeepStrictEqual({ customerId, currency, lines }, request)) return order;
  throw new ProblemError(
    'idempotency_key_reused',
    'This Idempotency-Key placed another order before; take a new key for a new order.',
  );
}
