import {
  type EventOf,
  ORDER_STATUSES,
  type OrderItem,
  type OrderStatus,
  orderItemFrom,
} from '@millrace/types';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readOrder } from '../../../src/pipelines/orders/order-event.ts';
import { projectOrder } from '../../../src/pipelines/orders/project-order.ts';
import { transitionOf } from '../../../src/pipelines/orders/transition.ts';
import { memoryOrderStore } from '../../model/memory-order-store.ts';
import { orderEvent } from '../../model/orders.ts';

describe('transitions', () => {
  const EARLY = '2026-11-23T09:00:00.000Z';
  const LATE = '2026-11-23T10:00:00.000Z';
  const attempt = (from: OrderStatus, to: OrderStatus, fromTime = EARLY, toTime = LATE) => {
    try {
      return transitionOf({ status: from, updatedAt: fromTime }, { status: to, updatedAt: toTime });
    } catch (error) {
      expect(error).toMatchObject({ name: 'PermanentError', code: 'order_transition_illegal' });
      return 'illegal';
    }
  };

  test.each<[OrderStatus, Record<OrderStatus, string>]>([
    [
      'placed',
      { placed: 'nothing', paid: 'move', shipped: 'move', delivered: 'move', cancelled: 'move' },
    ],
    [
      'paid',
      { placed: 'nothing', paid: 'nothing', shipped: 'move', delivered: 'move', cancelled: 'move' },
    ],
    [
      'shipped',
      {
        placed: 'nothing',
        paid: 'nothing',
        shipped: 'nothing',
        delivered: 'move',
        cancelled: 'illegal',
      },
    ],
    [
      'delivered',
      {
        placed: 'nothing',
        paid: 'nothing',
        shipped: 'nothing',
        delivered: 'nothing',
        cancelled: 'illegal',
      },
    ],
    [
      'cancelled',
      {
        placed: 'illegal',
        paid: 'illegal',
        shipped: 'illegal',
        delivered: 'illegal',
        cancelled: 'nothing',
      },
    ],
  ])('from %s', (from, expected) => {
    expect(Object.fromEntries(ORDER_STATUSES.map((to) => [to, attempt(from, to)]))).toEqual(
      expected,
    );
  });

  test('a step from before the cancellation that comes after it is an old one', () => {
    expect(attempt('cancelled', 'placed', LATE, EARLY)).toBe('nothing');
    expect(attempt('cancelled', 'paid', LATE, EARLY)).toBe('nothing');
    expect(attempt('cancelled', 'shipped', LATE, EARLY)).toBe('illegal');
  });
});

describe('projecting order events', () => {
  const project = (store: ReturnType<typeof memoryOrderStore>, ...events: OrderEvent[]) =>
    Promise.all(events.map((event) => projectOrder(event, 'acme', store)));
  type OrderEvent = EventOf<'millrace.order.v1'>;

  test('the first event creates the order, later ones move it', async () => {
    const store = memoryOrderStore();
    expect(await project(store, orderEvent('placed', 9))).toEqual(['created']);
    expect(await project(store, orderEvent('paid', 10))).toEqual(['moved']);
    expect(store.all()).toEqual([
      {
        ...orderItemFrom(orderEvent('placed', 9), 'acme'),
        status: 'paid',
        updatedAt: '2026-11-23T10:00:00.000Z',
      },
    ]);
  });

  test('repeated and older events write nothing', async () => {
    const store = memoryOrderStore();
    await project(store, orderEvent('placed', 9));
    await project(store, orderEvent('paid', 10));
    const writes = store.writes();
    expect(await project(store, orderEvent('paid', 10), orderEvent('placed', 9))).toEqual([
      'unchanged',
      'unchanged',
    ]);
    expect(store.writes()).toBe(writes);
  });

  test('meets with the API that creates the same order, whichever is first', async () => {
    const event = orderEvent('placed', 9);
    const apiFirst = memoryOrderStore();
    await apiFirst.create(orderItemFrom(event, 'acme'));
    await project(apiFirst, event);
    const streamFirst = memoryOrderStore();
    await project(streamFirst, event);
    expect(await streamFirst.create(orderItemFrom(event, 'acme'))).toBe(false);
    expect(apiFirst.all()).toEqual(streamFirst.all());
  });

  test('ends in the same state however the steps of a life are repeated and mixed', async () => {
    const life = [
      orderEvent('placed', 9),
      orderEvent('paid', 10),
      orderEvent('shipped', 11),
      orderEvent('delivered', 12),
    ];
    const deliveries = fc
      .array(fc.constantFrom(...life))
      .chain((more) => fc.shuffledSubarray([...life, ...more], { minLength: 4 + more.length }));
    await fc.assert(
      fc.asyncProperty(deliveries, async (delivered) => {
        const store = memoryOrderStore();
        await project(store, ...delivered);
        expect(store.all()).toMatchObject([
          { status: 'delivered', updatedAt: '2026-11-23T12:00:00.000Z' },
        ]);
      }),
    );
  });

  test('an order that others change in every attempt is tried again later', async () => {
    const store = {
      ...memoryOrderStore([orderItemFrom(orderEvent('placed', 9), 'acme') as OrderItem]),
      move: async () => false,
    };
    await expect(projectOrder(orderEvent('paid', 10), 'acme', store)).rejects.toMatchObject({
      name: 'TransientError',
      code: 'order_contended',
    });
  });
});

describe('reading a record of the stream', () => {
  const read = (input: unknown) => readOrder(Buffer.from(JSON.stringify(input)));

  test('finds the order event', () => {
    const event = orderEvent('placed', 9);
    expect(read({ ...event, tenant: 'acme' })).toMatchObject({ tenant: 'acme', event });
    expect(read(event)).toMatchObject({ tenant: 'default' });
  });

  test('leaves everything else to the counting function', () => {
    expect(read({ type: 'millrace.click.v1' })).toBeNull();
    expect(read(null)).toBeNull();
    expect(readOrder(Buffer.from('{'))).toBeNull();
  });

  test('refuses a malformed order for good', () => {
    expect(() => read({ ...orderEvent('placed', 9), data: {} })).toThrow(
      expect.objectContaining({ name: 'PermanentError', code: 'event_invalid' }),
    );
  });
});
