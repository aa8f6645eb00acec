import type { FaultCounter } from './counts.ts';
import type { Occurrences } from './occurrences.ts';
import type { FaultPlan } from './plan.ts';

/** A plan with the memory that its decisions need. */
export interface ActivePlan {
  readonly plan: FaultPlan;
  readonly seen: Occurrences;
  readonly counter: FaultCounter;
}
