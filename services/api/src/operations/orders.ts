import type { OncePerKey, Operations } from '@millrace/middleware/http';
import { orderOf, presentOrder } from '../domain/orders/order-resource.ts';
import { type OrderPorts, placeOrder, requireExactTotal } from '../domain/orders/place-order.ts';
import { pageOf, pageRequestOf } from '../domain/paging.ts';

export interface OrderServices extends OrderPorts {
  readonly once: OncePerKey;
}

export function orderOperations(services: OrderServices) {
  const { orders, once } = services;
  return {
    async placeOrder({ caller: { tenant }, body, idempotencyKey, invocation }) {
      requireExactTotal(body);
      const { value, replayed } = await once.run(
        { tenant, operation: 'placeOrder', key: idempotencyKey, payload: body, invocation },
        () => placeOrder(body, { tenant, idempotencyKey, now: Date.now() }, services),
      );
      return {
        body: presentOrder(value),
        headers: replayed ? { 'idempotency-replayed': 'true' } : {},
      };
    },
    async getOrder({ caller: { tenant }, params: { id } }) {
      return { body: presentOrder(await orderOf(orders, tenant, id)) };
    },
    async listOrders({ caller: { tenant }, query }) {
      return { body: pageOf(await orders.list(tenant, pageRequestOf(query)), presentOrder) };
    },
  } satisfies Operations;
}
