/**
 * Funnels of activity events: name → names of events, in their order.
 *
 * FROZEN once deployed: a funnel with other steps is another funnel.
 */
export const FUNNEL_STEPS = {
  checkout: ['view_product', 'add_to_cart', 'begin_checkout', 'purchase'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
export type FunnelName = keyof typeof FUNNEL_STEPS;

export function isFunnelName(name: string): name is FunnelName {
  return Object.hasOwn(FUNNEL_STEPS, name);
}
