import type { OrderLine } from '@millrace/types';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { faults, faultyStore } from '../../model/faulty-store.ts';
import { memoryAnalyticsStore } from '../../model/memory-analytics-store.ts';
import { memoryOrderStore } from '../../model/memory-order-store.ts';
import { bookedIn, type OrderEvent, revenueOf, step } from './revenue.ts';

const at = (hour: number) => `2026-11-23T${String(hour).padStart(2, '0')}:30:00Z`;
const line = (sku: string, quantity: number, unitPrice: number): OrderLine => ({
  sku,
  quantity,
  unitPrice,
});

async function booked(...events: OrderEvent[]) {
  const store = memoryAnalyticsStore();
  const book = revenueOf(store);
  for (const event of events) await book(event);
  return bookedIn(await store.cells());
}

describe('the revenue of an order', () => {
  test('the worked example of docs/orders.md', async () => {
    const lines = [line('tea', 2, 4_500), line('cup', 1, 12_000), line('tea', 1, 4_500)];
    const life = [
      step('placed', at(9), lines),
      step('paid', at(10), lines),
      step('cancelled', at(12), lines),
    ];
    expect(await booked(...life.slice(0, 1))).toEqual({});
    const paid = {
      'orders.revenue 1d 2026-11-23T00:00:00Z KRW cup': '1 × 12000',
      'orders.revenue 1d 2026-11-23T00:00:00Z KRW tea': '1 × 13500',
      'orders.revenue 1h 2026-11-23T10:00:00Z KRW cup': '1 × 12000',
      'orders.revenue 1h 2026-11-23T10:00:00Z KRW tea': '1 × 13500',
      'orders.units 1d 2026-11-23T00:00:00Z KRW cup': '1 × 1',
      'orders.units 1d 2026-11-23T00:00:00Z KRW tea': '1 × 3',
      'orders.units 1h 2026-11-23T10:00:00Z KRW cup': '1 × 1',
      'orders.units 1h 2026-11-23T10:00:00Z KRW tea': '1 × 3',
    };
    expect(await booked(...life.slice(0, 2))).toEqual(paid);
    expect(await booked(...life)).toEqual({
      ...paid,
      'orders.refunds 1d 2026-11-23T00:00:00Z KRW cup': '1 × 12000',
      'orders.refunds 1d 2026-11-23T00:00:00Z KRW tea': '1 × 13500',
      'orders.refunds 1h 2026-11-23T12:00:00Z KRW cup': '1 × 12000',
      'orders.refunds 1h 2026-11-23T12:00:00Z KRW tea': '1 × 13500',
    });
  });

  test('is booked at the first later step where `paid` is missing, and moves when it comes', async () => {
    const shipped = await booked(step('shipped', at(11)), step('delivered', at(12)));
    expect(shipped).toMatchObject({ 'orders.revenue 1h 2026-11-23T11:00:00Z KRW a': '1 × 3000' });
    const late = await booked(step('delivered', at(12)), step('shipped', at(11)));
    expect(late).toEqual(shipped);
    const paid = await booked(step('shipped', at(11)), step('paid', at(8)));
    expect(Object.keys(paid).filter((name) => name.includes(' 1h '))).toEqual([
      'orders.revenue 1h 2026-11-23T08:00:00Z KRW a',
      'orders.units 1h 2026-11-23T08:00:00Z KRW a',
    ]);
  });

  test('is nothing for an order that was cancelled before it was paid', async () => {
    expect(await booked(step('placed', at(9)), step('cancelled', at(10)))).toEqual({});
  });

  test('and its refund are both there when the cancellation is read first', async () => {
    const forwards = await booked(step('paid', at(10)), step('cancelled', at(12)));
    const backwards = await booked(step('cancelled', at(12)), step('paid', at(10)));
    expect(backwards).toEqual(forwards);
    expect(forwards).toMatchObject({ 'orders.refunds 1h 2026-11-23T12:00:00Z KRW a': '1 × 3000' });
  });

  test('is not touched by a step that is refused', async () => {
    const store = memoryAnalyticsStore();
    const book = revenueOf(store);
    await book(step('shipped', at(11)));
    const before = bookedIn(await store.cells());
    await expect(book(step('cancelled', at(12)))).rejects.toMatchObject({
      code: 'order_transition_illegal',
    });
    expect(bookedIn(await store.cells())).toEqual(before);
  });

  test('takes back all that was booked when the paid step had other goods', async () => {
    const many = Array.from({ length: 100 }, (_, nth) => line(`sku-${nth}`, 1, nth));
    const few = [line('sku-7', 2, 10)];
    const expected = await booked(step('paid', at(10), few));
    expect(await booked(step('shipped', at(11), many), step('paid', at(10), few))).toEqual(
      expected,
    );
    expect(await booked(step('paid', at(10), few), step('shipped', at(11), many))).toEqual(
      expected,
    );
  });

  test('counts a hundred skus, the largest totals and hostile names to the unit', async () => {
    const lines = [
      line('__proto__', 1_000_000, 1_000_000_000),
      line('constructor', 1_000_000, 1_000_000_000),
      ...Array.from({ length: 98 }, (_, nth) => line(`\u0000${nth}💎`, 1, 1)),
    ];
    const all = await booked(step('paid', at(10), lines));
    expect(Object.keys(all)).toHaveLength(400);
    expect(all['orders.revenue 1d 2026-11-23T00:00:00Z KRW __proto__']).toBe(
      '1 × 1000000000000000',
    );
    expect(all['orders.revenue 1d 2026-11-23T00:00:00Z KRW \u000097💎']).toBe('1 × 1');
  });
});

const goods = fc.array(
  fc.record({
    sku: fc.constantFrom(...Array.from({ length: 20 }, (_, nth) => `sku-${nth}`)),
    quantity: fc.integer({ min: 1, max: 9 }),
    unitPrice: fc.integer({ min: 0, max: 999 }),
  }),
  { minLength: 1, maxLength: 20, size: 'max' },
);

/** Steps of lives that are legal in any order: event times ascend along the life. */
const lives = fc.constantFrom(
  ['placed', 'paid', 'shipped', 'delivered'] as const,
  ['placed', 'paid', 'cancelled'] as const,
  ['placed', 'cancelled'] as const,
);

const order = fc
  .tuple(lives, fc.integer({ min: 0, max: 9 }))
  .chain(([life, start]) =>
    fc.tuple(
      ...life.map((status, nth) => goods.map((lines) => step(status, at(start + nth), lines))),
    ),
  )
  .chain((life) => fc.subarray(life, { minLength: 1 }));

/** The steps, each at least once, in any order and repeated. */
const delivered = order.chain((life) =>
  fc.tuple(
    fc.constant(life),
    fc
      .array(fc.constantFrom(...life), { maxLength: 6 })
      .chain((more) =>
        fc.shuffledSubarray([...life, ...more], { minLength: life.length + more.length }),
      ),
  ),
);

/** By one look at all steps. */
function expectedOf(life: readonly OrderEvent[]): Record<string, string> {
  const find = (status: string) => life.find(({ data }) => data.status === status);
  const paid = find('paid') ?? find('shipped') ?? find('delivered');
  const cancelled = find('cancelled');
  const sums = new Map<string, { units: number; amount: number }>();
  for (const { sku, quantity, unitPrice } of paid?.data.lines ?? []) {
    const { units = 0, amount = 0 } = sums.get(sku) ?? {};
    sums.set(sku, { units: units + quantity, amount: amount + quantity * unitPrice });
  }
  const rows = [...sums].flatMap(([sku, { units, amount }]) =>
    [`1d ${paid?.time.slice(0, 10)}T00`, `1h ${paid?.time.slice(0, 13)}`].flatMap((window) => [
      [`orders.revenue ${window}:00:00Z KRW ${sku}`, `1 × ${amount}`],
      [`orders.units ${window}:00:00Z KRW ${sku}`, `1 × ${units}`],
    ]),
  );
  const refunds = [...sums].flatMap(([sku, { amount }]) =>
    [`1d ${cancelled?.time.slice(0, 10)}T00`, `1h ${cancelled?.time.slice(0, 13)}`].map(
      (window) => [`orders.refunds ${window}:00:00Z KRW ${sku}`, `1 × ${amount}`],
    ),
  );
  const all = [...rows, ...(cancelled ? refunds : [])] as [string, string][];
  return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
}

test('however the steps of an order are mixed and repeated, and whatever fails, its revenue is the same', async () => {
  await fc.assert(
    fc.asyncProperty(delivered, faults, async ([life, deliveries], script) => {
      const store = memoryAnalyticsStore();
      const book = revenueOf(faultyStore(store, script));
      for (const event of deliveries) await untilDone(() => book(event));
      expect(bookedIn(await store.cells())).toEqual(expectedOf(life));
    }),
    { numRuns: 300 },
  );
});

test('two functions at the same order book what one would', async () => {
  await fc.assert(
    fc.asyncProperty(delivered, faults, async ([life, deliveries], script) => {
      const store = memoryAnalyticsStore();
      const faulty = faultyStore(store, script);
      const orders = memoryOrderStore();
      const functions = [revenueOf(faulty, orders), revenueOf(faulty, orders)];
      await Promise.all(
        functions.map(async (book, nth) => {
          const mine = nth === 0 ? deliveries : deliveries.toReversed();
          for (const event of mine) await untilDone(() => book(event));
        }),
      );
      expect(bookedIn(await store.cells())).toEqual(expectedOf(life));
    }),
    { numRuns: 200 },
  );
});

test('a function that was overtaken does not take a slice back to the evidence that it knows', async () => {
  const store = memoryAnalyticsStore();
  const orders = memoryOrderStore();
  let overtake = async () => {
    overtake = async () => {};
    await revenueOf(store, orders)(step('paid', at(8)));
  };
  const slow = {
    ...store,
    readStates: async (...[keys]: Parameters<typeof store.readStates>) => {
      if (keys.some(({ sk }) => sk.startsWith('slice'))) await overtake();
      return await store.readStates(keys);
    },
  };
  await revenueOf(slow, orders)(step('shipped', at(11)));
  expect(bookedIn(await store.cells())).toEqual(await booked(step('paid', at(8))));
});

/** As the stream does: what failed for now comes again. */
async function untilDone(book: () => Promise<void>): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await book();
    } catch (error) {
      if (attempt > 50 || (error instanceof Error && error.name === 'PermanentError')) throw error;
    }
  }
}
