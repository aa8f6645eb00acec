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
