import type { OrderItem, OrderRequest } from '@millrace/types';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type OrderPorts,
  placeOrder,
  requireExactTotal,
} from '../../src/domain/orders/place-order.ts';
import { memoryOrderStore, memoryOrderTimes, memoryStream } from '../support/memory-stores.ts';

const request: OrderRequest = {
  customerId: 'c-1',
  currency: 'KRW',
  lines: [{ sku: 'a', quantity: 2, unitPrice: 1500 }],
};
const START = Date.parse('2026-11-23T09:00:00Z');
const context = (now = START) => ({ tenant: 'acme', idempotencyKey: 'key-1', now });
const fresh = () => {
  const stream = memoryStream();
  return { orders: memoryOrderStore(), times: memoryOrderTimes(), stream };
};

describe('placing an order', () => {
  it('puts one event on the stream and one item in the table, which agree', async () => {
    const ports = fresh();
    const order = await placeOrder(request, context(), ports);
    expect(ports.stream.taken()).toMatchObject([
      {
        key: `acme/${order.orderId}`,
        event: {
          type: 'millrace.order.v1',
          tenant: 'acme',
          time: order.createdAt,
          data: { status: 'placed' },
        },
      },
    ]);
    expect(await ports.orders.find('acme', order.orderId)).toEqual(order);
    expect(order).toMatchObject({
      total: 3000,
      status: 'placed',
      createdAt: '2026-11-23T09:00:00.000Z',
    });
  });
  it('is another order under another key or for another tenant', async () => {
    const ports = fresh();
    const ids = await Promise.all([
      placeOrder(request, context(), ports),
      placeOrder(request, { ...context(), idempotencyKey: 'key-2' }, ports),
      placeOrder(request, { ...context(), tenant: 'other' }, ports),
      // The parts of the id must not run into each other.
      placeOrder(request, { ...context(), tenant: 'acmekey', idempotencyKey: '-1' }, ports),
    ]);
    expect(new Set(ids.map(({ orderId }) => orderId)).size).toBe(4);
  });
  it('with the same key gives the order as it is now, and sends nothing more', async () => {
    const ports = fresh();
    const order = await placeOrder(request, context(), ports);
    const paid: OrderItem = { ...order, status: 'paid', updatedAt: '2026-11-24T00:00:00.000Z' };
    const later = { ...ports, orders: { ...ports.orders, find: async () => paid } };
    expect(await placeOrder(request, context(START + 1e9), later)).toEqual(paid);
    expect(ports.stream.taken()).toHaveLength(1);
  });
  it('with the same key and another body is refused', async () => {
    const ports = fresh();
    await placeOrder(request, context(), ports);
    await expect(
      placeOrder({ ...request, currency: 'EUR' }, context(), ports),
    ).rejects.toMatchObject({ code: 'idempotency_key_reused' });
  });
  it('leaves no item where the stream did not take the event', async () => {
    const ports = { ...fresh(), stream: memoryStream(() => true) };
    await expect(placeOrder(request, context(), ports)).rejects.toMatchObject({
      code: 'service_unavailable',
      retryAfterSeconds: 1,
    });
    expect((await ports.orders.list('acme', { limit: 10 })).items).toEqual([]);
  });
});

it('ends with one event id, one event time and one order, wherever attempts die', async () => {
  const steps = ['find', 'rememberFirst', 'send', 'addOnce'] as const;
  const death = fc.record({ step: fc.constantFrom(...steps), after: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(death, { maxLength: 6 }), async (deaths) => {
      const ports = fresh();
      for (const [attempt, one] of deaths.entries()) {
        const dying = dieAt(ports, one.step, one.after);
        await placeOrder(request, context(START + attempt * 60_000), dying).catch(
          (error: Error) => {
            if (error.message !== 'died') throw error;
          },
        );
      }
      const order = await placeOrder(request, context(START + 1e9), ports);
      const events = ports.stream.taken().map(({ event }) => event);
      expect(new Set(events.map(({ id }) => id)).size).toBe(1);
      expect(new Set(events.map(({ time }) => time))).toEqual(new Set([order.createdAt]));
      expect((await ports.orders.list('acme', { limit: 10 })).items).toEqual([order]);
    }),
  );
});

function dieAt(ports: OrderPorts, step: string, after: boolean): OrderPorts {
  const mortal =
    <A extends unknown[], R>(name: string, run: (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      if (name === step && !after) throw new Error('died');
      const result = await run(...given);
      if (name === step) throw new Error('died');
      return result;
    };
  return {
    orders: {
      ...ports.orders,
      find: mortal('find', ports.orders.find),
      addOnce: mortal('addOnce', ports.orders.addOnce),
    },
    times: { rememberFirst: mortal('rememberFirst', ports.times.rememberFirst) },
    stream: { send: mortal('send', ports.stream.send) },
  };
}

it('refuses a total that a number cannot hold exactly', () => {
  const line = { sku: 'a', quantity: 1_000_000, unitPrice: 1_000_000_000 };
  expect(() => requireExactTotal({ ...request, lines: [line] })).not.toThrow();
  expect(() => requireExactTotal({ ...request, lines: Array(10).fill(line) })).toThrow(/at most/);
});
