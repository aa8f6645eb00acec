import { TransientError } from '@millrace/middleware';
import { type EventOf, type OrderItem, orderItemFrom } from '@millrace/types';
import { laterOf, transitionOf } from './transition.ts';

type Step = Pick<OrderItem, 'status' | 'updatedAt'>;

/** Orders as the projection sees them. Other writers (the API) may be at work on the same order. */
export interface OrderStore {
  /** The newest state. */
  find(tenant: string, orderId: string): Promise<OrderItem | undefined>;
  /** False when the order exists: nothing was written. */
  create(order: OrderItem): Promise<boolean>;
  /** False when the order is no longer at `from`: nothing was written. */
  move(order: OrderItem, from: Step, to: Step): Promise<boolean>;
}

export type Projection = 'created' | 'moved' | 'unchanged';

/** A writer that we lose to has moved the order forward, so few rounds are ever needed. */
const MOST_ROUNDS = 5;

/**
 * Brings the table `orders` to the state that an order event tells. Idempotent: the outcome depends
 * on the stored state alone, so a repeated event finds its own step done and writes nothing.
 *
 * @throws PermanentError order_transition_illegal. TransientError order_contended.
 */
export async function projectOrder(
  event: EventOf<'millrace.order.v1'>,
  tenant: string,
  store: OrderStore,
): Promise<Projection> {
  const next = orderItemFrom(event, tenant);
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const current = await store.find(tenant, next.orderId);
    if (!current) {
      if (await store.create(next)) return 'created';
    } else {
      if (transitionOf(current, next) === 'nothing') return 'unchanged';
      const to = { status: next.status, updatedAt: laterOf(current.updatedAt, next.updatedAt) };
      if (await store.move(current, current, to)) return 'moved';
    }
  }
  throw new TransientError('order_contended', 'Other writers changed the order in every attempt.');
}
