import type { MillraceEvent, OrderRequest } from '@millrace/types';
import sharp from 'sharp';

export const TENANT = 'deploy';
const NOON = '2026-11-23T12:00:00Z';

export function orderEvent(id: string): MillraceEvent {
  return {
    specversion: '1.0',
    id,
    source: 'rehearsal',
    type: 'millrace.order.v1',
    time: NOON,
    tenant: TENANT,
    data: { orderId: id, customerId: 'customer-1', status: 'placed', ...order },
  };
}

const order = {
  currency: 'KRW',
  lines: [{ sku: 'flour', quantity: 2, unitPrice: 500 }],
};
export const ORDER_TOTAL = 1000;
export const orderRequest: OrderRequest = { customerId: 'customer-1', ...order };

/** A picture that has every rendition of the ladder. */
export const picture = () =>
  sharp({ create: { width: 1600, height: 900, channels: 3, background: '#58a' } })
    .jpeg()
    .toBuffer();

export const device = {
  deviceId: 'wheel-1',
  tenant: TENANT,
  status: 'active',
  createdAt: NOON,
  updatedAt: NOON,
};
export const reading = { time: NOON, metrics: { rpm: 8.25 } };
