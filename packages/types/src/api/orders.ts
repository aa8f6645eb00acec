import * as z from 'zod/mini';
import { Currency, OrderLine, OrderLines, OrderStatus } from '../events/data.ts';

export const OrderRequest = z.object({
  customerId: z.string().check(z.minLength(1), z.maxLength(256)),
  currency: Currency,
  lines: OrderLines,
});
export type OrderRequest = z.infer<typeof OrderRequest>;

export const OrderResource = z.object({
  orderId: z.string(),
  customerId: z.string(),
  status: OrderStatus,
  currency: z.string(),
  lines: z.array(OrderLine),
  /** Minor units. */
  total: z.int(),
  createdAt: z.string(),
  updatedAt: z.string(),
});
export type OrderResource = z.infer<typeof OrderResource>;
export const OrderList = z.object({
  items: z.array(OrderResource),
  cursor: z.optional(z.string()),
});
