import { PermanentError } from '@millrace/middleware';
import type { OrderItem, OrderStatus } from '@millrace/types';

export type Transition = 'move' | 'nothing';
type Step = Pick<OrderItem, 'status' | 'updatedAt'>;

/** The way of an order; `cancelled` leaves it before the goods do. */
const WAY = ['placed', 'paid', 'shipped', 'delivered'] as const;
const CANCELLABLE: readonly OrderStatus[] = ['placed', 'paid'];

/**
 * What a step does to an order that is at `current`.
 *
 * Forward moves may skip steps: a producer that sends again what PutRecords refused delivers `paid`
 * after `shipped`, and the newest state must win whichever came first. A step that the order has
 * already passed is an old one and changes nothing.
 *
 * @throws PermanentError order_transition_illegal: the step contradicts the order's state, so a person must look.
 */
export function transitionOf(current: Step, next: Step): Transition {
  if (next.status === current.status) return 'nothing';
  if (next.status === 'cancelled') {
    if (CANCELLABLE.includes(current.status)) return 'move';
  } else if (current.status === 'cancelled') {
    if (CANCELLABLE.includes(next.status) && next.updatedAt <= current.updatedAt) return 'nothing';
  } else {
    return WAY.indexOf(next.status) > WAY.indexOf(current.status) ? 'move' : 'nothing';
  }
  throw new PermanentError(
    'order_transition_illegal',
    `An order that is ${current.status} cannot become ${next.status}.`,
  );
}

/** The newest step's event time never goes back, also where a skipped step's clock was behind. */
export function laterOf(a: string, b: string): string {
  return a > b ? a : b;
}
