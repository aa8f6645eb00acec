import type { EventOf, OrderStatus } from '@millrace/types';

/** A step of the order `o1`, at a full hour of the day. */
export function orderEvent(
  status: OrderStatus,
  hour: number,
  orderId = 'o1',
): EventOf<'millrace.order.v1'> {
  return {
    specversion: '1.0',
    id: `${orderId}-${status}`,
    source: '/shop',
    type: 'millrace.order.v1',
    time: `2026-11-23T${String(hour).padStart(2, '0')}:00:00Z`,
    data: {
      orderId,
      customerId: 'c1',
      status,
      currency: 'KRW',
      lines: [{ sku: 'a', quantity: 2, unitPrice: 1500 }],
    },
  };
}
