import type { MillraceEvent, OrderResource, OrderStatus } from '@millrace/types';
import { type ExpectedOrder, type Run, requireThat } from './run.ts';
import type { OrderStory, Scenario } from './scenario.ts';
import { sendEvent } from './send-events.ts';

/** Lives every order of the scenario; orders side by side, each one's steps in their order. */
export async function placeOrders(run: Run, { orders }: Scenario): Promise<void> {
  await Promise.all(orders.map((story, at) => liveOrder(run, story, at)));
}

async function liveOrder(run: Run, story: OrderStory, at: number): Promise<void> {
  const request = {
    customerId: `c${at}`,
    currency: story.currency,
    lines: story.lines.map((line) => ({ ...line })),
  };
  const placed = story.partner
    ? await placeByEvent(run, request, at)
    : await placeByApi(run, story, request, at);
  const { createdAt, updatedAt } = placed;
  let state: ExpectedOrder = { ...request, status: 'placed', createdAt, updatedAt };
  for (const [step, status] of story.steps.entries()) {
    const time = new Date(Date.parse(placed.createdAt) + (step + 1) * 60_000).toISOString();
    const event = orderEvent(placed.orderId, request, status, time);
    if (isIllegal(state.status, status)) run.expected.illegal.add(event.id);
    await sendEvent(run, event);
    state = afterStep(state, status, time);
  }
  run.expected.orders.set(placed.orderId, state);
}

type Request = { customerId: string; currency: string; lines: OrderResource['lines'] };
interface Placed {
  readonly orderId: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

async function placeByEvent(run: Run, request: Request, at: number): Promise<Placed> {
  const orderId = `partner-${at}`;
  const time = `2026-11-23T09:4${at}:00.000Z`;
  await sendEvent(run, orderEvent(orderId, request, 'placed', time));
  return { orderId, createdAt: time, updatedAt: time };
}

/** The clients that place it at once must all be told of the same order. */
async function placeByApi(
  run: Run,
  story: OrderStory,
  request: Request,
  at: number,
): Promise<Placed> {
  const idempotencyKey = `order-${at}`;
  const place = (body: unknown) =>
    run.api.call({ fn: 'orders', route: 'POST /v1/orders', idempotencyKey, body });
  run.expected.sent += story.placedBy;
  const answers = await Promise.all(Array.from({ length: story.placedBy }, () => place(request)));
  const placed = answers.map(({ status, body }) => {
    requireThat(status === 201, 'POST /orders answers 201', body);
    return body as unknown as OrderResource;
  });
  const [first] = placed;
  if (!first) throw new Error('Nobody placed the order.');
  const facts = ({ orderId, createdAt, total }: OrderResource) =>
    `${orderId} ${createdAt} ${total}`;
  requireThat(new Set(placed.map(facts)).size === 1, 'one key is one order', placed);
  if (story.keyReused) {
    run.expected.sent += 1;
    const { status, body } = await place({ ...request, customerId: 'another' });
    requireThat(body.code === 'idempotency_key_reused', 'a key of another order is refused', {
      status,
      body,
    });
    run.expected.refusedAtBorder += 1;
  }
  run.expected.events.push(placedByApi(first, request));
  const { orderId, createdAt } = first;
  return { orderId, createdAt, updatedAt: createdAt };
}

/** What the API must have put on the stream. */
function placedByApi({ orderId, createdAt }: OrderResource, request: Request): MillraceEvent {
  return {
    ...orderEvent(orderId, request, 'placed', createdAt),
    id: `${orderId}/placed`,
    source: 'millrace/api',
  };
}

function orderEvent(
  orderId: string,
  request: Request,
  status: OrderStatus,
  time: string,
): MillraceEvent {
  return {
    specversion: '1.0',
    id: `${orderId}/${status}`,
    source: '/shop',
    type: 'millrace.order.v1',
    time,
    data: { orderId, ...request, status },
  };
}

const WAY: readonly OrderStatus[] = ['placed', 'paid', 'shipped', 'delivered'];

/** The life of an order in a few words: forward only, cancelled before the goods leave. */
function afterStep(order: ExpectedOrder, status: OrderStatus, time: string): ExpectedOrder {
  if (!isTaken(order.status, status)) return order;
  return { ...order, status, updatedAt: time > order.updatedAt ? time : order.updatedAt };
}

function isTaken(from: OrderStatus, to: OrderStatus): boolean {
  if (to === 'cancelled') return from === 'placed' || from === 'paid';
  return WAY.indexOf(to) > WAY.indexOf(from);
}

/** Whether a step can never be taken, so that a person must look. */
function isIllegal(from: OrderStatus, to: OrderStatus): boolean {
  return to === 'cancelled' && !isTaken(from, to) && from !== 'cancelled';
}
