import type { OrderItem } from '@millrace/types';
import type { OrderStore } from '../../src/pipelines/orders/project-order.ts';

/** Orders in memory, held to the same contract tests as the table. */
export function memoryOrderStore(
  orders: readonly OrderItem[] = [],
): OrderStore & { all(): readonly OrderItem[]; writes(): number } {
  const items = new Map(orders.map((order) => [keyOf(order.tenant, order.orderId), order]));
  let writes = 0;
  const write = (order: OrderItem) => {
    items.set(keyOf(order.tenant, order.orderId), order);
    writes += 1;
    return true;
  };
  return {
    find: async (tenant, orderId) => items.get(keyOf(tenant, orderId)),
    create: async (order) => !items.has(keyOf(order.tenant, order.orderId)) && write(order),
    move: async ({ tenant, orderId }, from, to) => {
      const current = items.get(keyOf(tenant, orderId));
      if (!current || current.status !== from.status || current.updatedAt !== from.updatedAt)
        return false;
      return write({ ...current, ...to });
    },
    all: () => [...items.values()],
    writes: () => writes,
  };
}

function keyOf(tenant: string, orderId: string): string {
  return JSON.stringify([tenant, orderId]);
}
