import { draw, within } from './draw.ts';
import type { FaultPlan } from './plan.ts';

/**
 * How far the clock of a service's machine is off, in whole milliseconds: one draw for each service,
 * because a machine's clock does not change its mind from call to call.
 */
export function clockSkewMs(plan: FaultPlan, service: string): number {
  return Math.round(within(plan.clock.skewMs, draw(plan.seed, 'skew', service)));
}
