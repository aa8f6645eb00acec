import { OrderStatus } from '@millrace/types';
import * as z from 'zod/mini';
import { column, definePipeline } from '../pipeline.ts';

const Order = z.looseObject({
  tenant: z.string(),
  orderId: z.string(),
  customerId: z.string(),
  status: OrderStatus,
  currency: z.string(),
  lines: z.array(z.unknown()),
  total: z.int(),
  createdAt: z.iso.datetime({ offset: true }),
  updatedAt: z.iso.datetime({ offset: true }),
});
type Order = z.infer<typeof Order>;

export const orders = definePipeline({
  table: 'orders',
  item: Order,
  key: { tenant: 'tenant', order_id: 'orderId' },
  sql: true,
  columns: {
    tenant: column('string', (order: Order) => order.tenant),
    order_id: column('string', (order: Order) => order.orderId),
    customer_id: column('string', (order: Order) => order.customerId),
    status: column('string', (order: Order) => order.status),
    currency: column('string', (order: Order) => order.currency),
    // Minor units.
    total: column('int64', (order: Order) => BigInt(order.total)),
    line_count: column('int64', (order: Order) => BigInt(order.lines.length)),
    created_at: column('timestamp', (order: Order) => new Date(order.createdAt)),
    updated_at: column('timestamp', (order: Order) => new Date(order.updatedAt)),
  },
});
