import type { Clock } from '../clock.ts';
import type { QueueFaultHooks } from '../engines/queue-faults.ts';
import type { AdmitRecord } from '../kinesis/admission.ts';
import type { FunctionInvoker } from '../ports.ts';
import type { ActivePlan } from './active-plan.ts';
import { type ApiCall, type ApiFate, apiFate, mentionsService } from './api-fate.ts';
import { createFaultCounter, type FaultCounts } from './counts.ts';
import { invocationFate } from './invocation-fate.ts';
import { withInvocationFaults } from './invocation-faults.ts';
import { refuseRecord } from './kinesis-faults.ts';
import { arrivalDelays } from './notification-faults.ts';
import { createOccurrences } from './occurrences.ts';
import { checkFaultPlan } from './parse-plan.ts';
import type { FaultPlan, FaultPlanInput } from './plan.ts';
import { queueFault } from './queue-faults.ts';

/** What is injected on purpose, as `/_millrace/status` and `GET /_millrace/faults` tell it. */
export interface FaultStatus {
  readonly seed: number;
  readonly injected: FaultCounts;
}

/**
 * The faults of a running cloud: one plan at a time, or none.
 *
 * The guarantee: a decision is a function of the seed, the place, the content that it is about and
 * which time this is that the plan sees that content. It does not depend on the clock, on the order
 * in which different things come, or on what runs at the same time. It holds for the 65,536 most
 * recently seen contents. (How often something comes, and cut into which batches, is the load's and
 * the scheduler's business: the same seed makes the same decisions, not the same interleaving.)
 */
export interface Faults {
  /**
   * From now on this plan, or none. Counters and the memory of what was seen start afresh; what is
   * under way meets the fate that it was given.
   *
   * @throws LocalCloudError FAULTS_INVALID; the plan before stays
   */
  use(plan: FaultPlanInput | undefined): void;
  /** The plan that is in force, with its defaults; undefined while nothing is injected. */
  plan(): FaultPlan | undefined;
  status(): FaultStatus | undefined;
  /** An invoker that lets every invocation through `invoker` meet its fate. */
  invoker(invoker: FunctionInvoker, clock: Clock): FunctionInvoker;
  readonly admitRecord: AdmitRecord;
  readonly queues: QueueFaultHooks;
  /** When an asynchronous invocation comes: a delay in milliseconds for each of its copies. */
  arrivalDelays(functionName: string, payload: string): readonly number[];
  /** Whether `api` may decide on calls of the service at all. */
  mentionsService(service: ApiCall['service']): boolean;
  api(call: ApiCall): ApiFate | undefined;
}

export function createFaults(initial?: FaultPlanInput): Faults {
  let active = activate(initial);
  return {
    use(plan) {
      active = activate(plan);
    },
    plan: () => active?.plan,
    status: () => active && { seed: active.plan.seed, injected: active.counter.snapshot() },
    invoker: (invoker, clock) =>
      withInvocationFaults(invoker, clock, (functionName, payload) => {
        return active && invocationFate(active, functionName, payload);
      }),
    admitRecord: (stream, record) => active && refuseRecord(active, stream, record),
    queues: {
      keepsDeleted: (queue, body) =>
        active !== undefined && queueFault(active, 'duplicate', queue, body) !== undefined,
      holdsBack: (queue, body) =>
        (active && queueFault(active, 'reorder', queue, body)?.heldMs) ?? 0,
    },
    arrivalDelays: (functionName, payload) =>
      active ? arrivalDelays(active, functionName, payload) : [0],
    mentionsService: (service) => active !== undefined && mentionsService(active, service),
    api: (call) => active && apiFate(active, call),
  };
}

function activate(plan: FaultPlanInput | undefined): ActivePlan | undefined {
  if (plan === undefined) return undefined;
  return {
    plan: checkFaultPlan(plan),
    seen: createOccurrences(),
    counter: createFaultCounter(),
  };
}
