import type { MillraceEvent, OrderRequest, OrderResource } from '@millrace/types';
import { orderTotal } from '@millrace/types';
import type { DemoContext } from '../context.ts';
import type { Outcome } from '../report.ts';
import { sideBySide } from '../side-by-side.ts';

const ORDERS = 8;

export interface PlacedOrders {
  readonly outcomes: readonly Outcome[];
  readonly orderIds: readonly string[];
  /** The events that the platform must have made of them. */
  readonly events: readonly MillraceEvent[];
}

/** Places every order twice with the same Idempotency-Key, and one more with another body under a used key. */
export async function placeOrders(context: DemoContext): Promise<PlacedOrders> {
  const since = performance.now();
  const requests = Array.from({ length: ORDERS }, (_, index) => sampleOrder(index));
  const key = (index: number) => ({ 'idempotency-key': `${context.tenant}-order-${index}` });
  const place = (body: OrderRequest, index: number) =>
    context.api.post('/orders', body, key(index));
  const first = await sideBySide(2, requests, place);
  const failed = first.find((answer) => answer.status !== 201);
  if (failed) {
    throw new Error(`POST /orders was answered ${failed.status}: ${JSON.stringify(failed.body)}`);
  }
  const placedAt = performance.now();
  const second = await sideBySide(2, requests, place);
  const repeatedAt = performance.now();
  const orders = first.map((answer) => answer.body as OrderResource);
  const repeated = second.filter(
    (answer, index) => answer.status === 201 && sameOrder(answer.body, orders[index]),
  ).length;
  const reused = await context.api.post(
    '/orders',
    { ...sampleOrder(0), customerId: 'someone-else' },
    key(0),
  );
  const reusedAt = performance.now();
  const read = await sideBySide(2, orders, (order) => context.api.get(`/orders/${order.orderId}`));
  const exact = read.filter((answer, index) => isOrder(answer.body, requests[index])).length;
  return {
    orderIds: orders.map((order) => order.orderId),
    events: orders.map((order) => asEvent(order, context)),
    outcomes: [
      outcome(`${ORDERS} orders`, `${exact} stored`, `${ORDERS} stored`, placedAt - since),
      outcome(
        `the same ${ORDERS} Idempotency-Keys again`,
        `${repeated} got the first answer`,
        `${ORDERS} got the first answer`,
        repeatedAt - placedAt,
      ),
      outcome(
        'a used Idempotency-Key with another body',
        `refused with ${reused.status}`,
        'refused with 422',
        reusedAt - repeatedAt,
      ),
    ],
  };
}

function sampleOrder(index: number): OrderRequest {
  return {
    customerId: `customer-${index}`,
    currency: 'KRW',
    lines: [
      { sku: 'millstone', quantity: 1, unitPrice: 45_000 + index },
      { sku: 'flour', quantity: 2 + index, unitPrice: 3_200 },
    ],
  };
}

function sameOrder(left: unknown, right: OrderResource | undefined): boolean {
  return (
    (left as OrderResource).orderId === right?.orderId &&
    (left as OrderResource).total === right.total
  );
}

function isOrder(stored: unknown, request: OrderRequest | undefined): boolean {
  const order = stored as OrderResource;
  return (
    order.customerId === request?.customerId &&
    order.total === orderTotal(request.lines) &&
    order.status === 'placed'
  );
}

function asEvent(order: OrderResource, context: DemoContext): MillraceEvent {
  const { orderId, customerId, status, currency, lines } = order;
  return {
    specversion: '1.0',
    id: orderId,
    source: 'millrace/api',
    type: 'millrace.order.v1',
    time: context.run.startedAt,
    data: { orderId, customerId, status, currency, lines },
  };
}

function outcome(input: string, result: string, expected: string, latencyMs: number): Outcome {
  return result === expected
    ? { area: 'orders', input, result, latencyMs }
    : { area: 'orders', input, result, latencyMs, expected };
}
