import type { EventOf, OrderStatus } from '@millrace/types';
import { type Draw, type Tenant, thousandths } from './draw.ts';

const DEVICES: Readonly<Record<Tenant, number>> = { hot: 25, acme: 5, globex: 5, initech: 5 };
/** More observations than one transaction takes: stored in slices. */
const LARGE = 45;

export function telemetryMaker(tenant: Tenant) {
  return ({ chance }: Draw): EventOf<'millrace.telemetry.v1'>['data'] => {
    if (chance.next() < 0.002) {
      const values = Array.from({ length: LARGE }, (_, at) => [`m${at}`, at + 0.25]);
      return { deviceId: 'plant', metrics: Object.fromEntries(values), usage: { kwh: 0.125 } };
    }
    return {
      deviceId: `wheel-${chance.whole(1, DEVICES[tenant])}`,
      metrics: { celsius: thousandths(chance, -20, 45), rpm: thousandths(chance, 0, 90) },
      ...(chance.next() < 0.6 && { usage: { grain_kg: thousandths(chance, 0, 5) } }),
    };
  };
}

type OrderData = EventOf<'millrace.order.v1'>['data'];

interface Order {
  readonly data: Omit<OrderData, 'status'>;
  readonly left: OrderStatus[];
}

/** The last step of some is refused: the name says which (`ILLEGAL`). */
const WAYS: readonly (readonly OrderStatus[])[] = [
  ['placed', 'paid', 'shipped', 'delivered'],
  ['placed', 'paid', 'shipped', 'delivered'],
  ['placed', 'paid', 'shipped'],
  ['placed', 'paid', 'cancelled'],
  ['placed', 'cancelled'],
];
const ILLEGAL_WAY: readonly OrderStatus[] = ['placed', 'paid', 'shipped', 'cancelled'];
/** Ends the id of an order whose cancellation comes after the goods have left. */
export const ILLEGAL = '-x';
const OPEN_AT_ONCE = 40;

/** Orders that go their way, some forty of a tenant side by side. */
export function orderMaker() {
  const open: Order[] = [];
  let made = 0;
  const placed = ({ chance }: Draw): Order => {
    made += 1;
    const illegal = chance.next() < 0.05;
    return {
      data: {
        orderId: `order-${made}${illegal ? ILLEGAL : ''}`,
        customerId: `customer-${chance.whole(1, 500)}`,
        currency: chance.pick(['KRW', 'EUR']),
        lines: Array.from({ length: chance.whole(1, 3) }, () => ({
          sku: `sku-${chance.whole(1, 12)}`,
          quantity: chance.whole(1, 5),
          unitPrice: chance.whole(1, 90_000),
        })),
      },
      left: [...(illegal ? ILLEGAL_WAY : chance.pick(WAYS))],
    };
  };
  return (draw: Draw): OrderData => {
    while (open.length < OPEN_AT_ONCE) open.push(placed(draw));
    const at = draw.chance.whole(0, OPEN_AT_ONCE - 1);
    const order = open[at] ?? placed(draw);
    const status = order.left.shift() ?? 'placed';
    if (order.left.length === 0) open[at] = placed(draw);
    return { ...order.data, status };
  };
}

/** Documents of a tenant that change again and again, and are deleted now and then. */
const DOCUMENTS = 60;
const WORDS = ['water', 'wheel', 'stone', 'grain', 'flour', 'river', 'sluice', 'bread', 'axle'];

export function documentMaker() {
  let states = 0;
  return ({ chance }: Draw): EventOf<'millrace.document.v1'>['data'] => {
    states += 1;
    const documentId = `doc-${chance.whole(1, DOCUMENTS)}`;
    if (chance.next() < 0.1) return { documentId, deleted: true };
    const text = Array.from({ length: 10 }, () => chance.pick(WORDS)).join(' ');
    return { documentId, title: `State ${states}`, text, version: String(states) };
  };
}
