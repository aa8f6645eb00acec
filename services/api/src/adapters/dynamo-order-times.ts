import type { OrderTimes } from '../domain/orders/ports.ts';
import { putOnce, type Table } from './tables.ts';

/** Seconds. Far longer than anybody repeats a request; after it the order itself is what is found. */
const KEPT_SECONDS = 7 * 24 * 60 * 60;

interface OrderTimeItem {
  readonly id: string;
  readonly time: string;
  /** TTL, seconds since the epoch. */
  readonly expiration: number;
}

/** In the table `idempotency` (partition key `id`), beside the answers that are kept there. */
export function dynamoOrderTimes(table: Table): OrderTimes {
  return {
    async rememberFirst(tenant, orderId, time) {
      const stored = await putOnce<OrderTimeItem>(table, 'id', {
        id: `order-time#${tenant}#${orderId}`,
        time,
        expiration: Math.floor(Date.parse(time) / 1000) + KEPT_SECONDS,
      });
      return stored.time;
    },
  };
}
