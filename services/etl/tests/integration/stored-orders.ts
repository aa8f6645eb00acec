import type { OrderItem } from '@millrace/types';
import { Client } from 'pg';

export function order(tenant: string, orderId: string, total: number): OrderItem {
  return {
    ...{ tenant, orderId, customerId: '손님 1', status: 'placed', currency: 'KRW', total },
    lines: [{ sku: 'book', quantity: 1, unitPrice: total }],
    createdAt: '2026-11-23T09:00:00.000Z',
    updatedAt: '2026-11-23T09:00:00.000Z',
  };
}

/** `o-1 paid 100`, by order; nothing while PostgreSQL, or the view in it, is not there. */
export async function storedOrders(url: string, tenant: string): Promise<string[]> {
  const client = new Client({ connectionString: url });
  // Cut, where the stack is killed meanwhile.
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query(
      `SELECT concat_ws(' ', order_id, status, total) AS state FROM millrace.orders
        WHERE tenant = $1 ORDER BY order_id`,
      [tenant],
    );
    return rows.map(({ state }) => state);
  } catch {
    return [];
  } finally {
    await client.end().catch(() => {});
  }
}
