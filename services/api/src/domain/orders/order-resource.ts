import { type OrderItem, type OrderResource, ProblemError } from '@millrace/types';
import type { OrderStore } from './ports.ts';

/** @throws ProblemError order_not_found, also where the order is another tenant's */
export async function orderOf(
  orders: OrderStore,
  tenant: string,
  orderId: string,
): Promise<OrderItem> {
  const order = await orders.find(tenant, orderId);
  if (order !== undefined) return order;
  throw new ProblemError('order_not_found', 'There is no order with this id.');
}

export function presentOrder(order: OrderItem): OrderResource {
  const { orderId, customerId, status, currency, lines, total, createdAt, updatedAt } = order;
  const shown = lines.map(({ sku, quantity, unitPrice }) => ({ sku, quantity, unitPrice }));
  return { orderId, customerId, status, currency, lines: shown, total, createdAt, updatedAt };
}
