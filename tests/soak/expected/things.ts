import type { EventOf, OrderStatus } from '@millrace/types';
import { ILLEGAL } from '../generator/things.ts';
import { counterName, type Totals } from './totals.ts';

const LONG = ['1h', '1d'] as const;

/** Orders in the state that their steps lead to, and the revenue of those paid. */
export function orderSums() {
  const orders = new Map<string, OrderStatus>();
  return {
    add({ time, data }: EventOf<'millrace.order.v1'>, tenant: string, totals: Totals): void {
      const { orderId, status, currency, lines } = data;
      const name = `order ${tenant} ${orderId}`;
      const before = orders.get(name);
      if (isIllegal(data)) return;
      orders.set(name, status);
      const isRefund = status === 'cancelled' && before === 'paid';
      if (status !== 'paid' && !isRefund) return;
      const goods = new Map<string, { amount: number; units: number }>();
      for (const { sku, quantity, unitPrice } of lines) {
        const one = goods.get(sku) ?? { amount: 0, units: 0 };
        goods.set(sku, {
          amount: one.amount + quantity * unitPrice,
          units: one.units + quantity,
        });
      }
      for (const [sku, { amount, units }] of goods) {
        for (const window of LONG) {
          const add = (metric: string, value: number) =>
            totals.add(counterName(tenant, metric, window, time, [currency, sku]), 1, value * 1000);
          if (isRefund) add('orders.refunds', amount);
          else {
            add('orders.revenue', amount);
            add('orders.units', units);
          }
        }
      }
    },
    states: orders as ReadonlyMap<string, OrderStatus>,
  };
}

/** Cancelled when the goods have left: refused. */
export function isIllegal({ orderId, status }: EventOf<'millrace.order.v1'>['data']): boolean {
  return orderId.endsWith(ILLEGAL) && status === 'cancelled';
}

/** What each device used, by the month of the event. */
export function addUsage(
  totals: Totals,
  { time, data }: EventOf<'millrace.telemetry.v1'>,
  { tenant, isForBill }: { readonly tenant: string; readonly isForBill: boolean },
): void {
  const { deviceId, usage = {} } = data;
  const kind = isForBill ? 'bill' : 'adjustment';
  for (const [meter, quantity] of Object.entries(usage)) {
    const name = `${kind} ${tenant} ${deviceId} ${time.slice(0, 7)} ${meter}`;
    totals.add(name, 1, Math.round(quantity * 1000));
  }
  totals.add(`readings ${tenant} ${deviceId} ${time.slice(0, 10)}`, 1);
}

/** The newest state of each document. */
export function documentSums() {
  const documents = new Map<string, string>();
  return {
    /** Events of one document come in the order of their times. */
    add({ time, data }: EventOf<'millrace.document.v1'>, tenant: string): void {
      const state = data.deleted ? 'deleted' : `${data.title} ${data.version}`;
      documents.set(`document ${tenant} ${data.documentId}`, `${time} ${state}`);
    },
    states: documents as ReadonlyMap<string, string>,
  };
}
