import type { Seeded } from './seeded.ts';

/**
 * As a stream delivers: most in order, a fifth at any place, one in twenty twice. What comes twice is
 * the same event.
 */
export function asDelivered<T>(inOrder: readonly T[], { next }: Seeded): T[] {
  const twice = inOrder.filter(() => next() < 0.05);
  return [...inOrder, ...twice]
    .map((one, at) => ({ one, at: next() < 0.2 ? next() * inOrder.length : at }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one);
}
