import type { AttributeValue, Image } from '../src/domain/attribute-value.ts';
import type { Change } from '../src/domain/change.ts';

/** The moment that all histories of the tests begin, not at the start of a minute. */
export const START = Date.parse('2026-11-23T23:59:41Z');

export function orderImage(orderId: string, total: number, status = 'placed'): Image {
  return {
    tenant: { S: 'acme' },
    orderId: { S: orderId },
    customerId: { S: 'c-1' },
    status: { S: status },
    currency: { S: 'KRW' },
    lines: {
      L: [{ M: { sku: { S: 'book' }, quantity: { N: '1' }, unitPrice: { N: `${total}` } } }],
    },
    total: { N: String(total) },
    createdAt: { S: '2026-11-23T09:00:00.000Z' },
    updatedAt: { S: '2026-11-23T09:00:00.000Z' },
  };
}

/** The nth change of a history: ids and sequence numbers grow, a change every `every` seconds. */
export function change(n: number, newImage: Image | undefined, oldImage?: Image): Change {
  const image = newImage ?? oldImage ?? {};
  const { tenant, orderId } = image;
  return {
    id: `event-${String(n).padStart(6, '0')}`,
    op: newImage ? (oldImage ? 'MODIFY' : 'INSERT') : 'REMOVE',
    // Numbers of different lengths: as text `9…` would come after `10…`.
    sequence: String(900_000_000_000_000_000_000n + BigInt(n) * 10_000_000_000_000_000_000n),
    changedAt: new Date(START + n * 7_000),
    keys: { tenant: present(tenant), orderId: present(orderId) },
    ...(newImage && { newImage }),
    ...(oldImage && { oldImage }),
    expired: false,
  };
}

function present(value: AttributeValue | undefined): AttributeValue {
  return value ?? { S: 'none' };
}

/** A history of a few orders: each is placed, changed and removed, in turns. */
export function history(length: number): Change[] {
  const items = new Map<string, Image>();
  return Array.from({ length }, (_, n) => {
    const orderId = `o-${n % 5}`;
    const old = items.get(orderId);
    const next = n % 7 === 6 ? undefined : orderImage(orderId, 100 + n);
    if (next) items.set(orderId, next);
    else items.delete(orderId);
    return next || old ? change(n, next, old) : change(n, orderImage(orderId, n));
  });
}
