import type { ActivePlan } from './active-plan.ts';
import { draw, within } from './draw.ts';
import { matchesGlob } from './glob.ts';
import type { FaultPlan } from './plan.ts';

const outcomes = ['throttle', 'fail', 'failAfter'] as const;

type ApiService = FaultPlan['api'][number]['service'];

/** A call of an AWS API, as a plan sees it. */
export interface ApiCall {
  readonly service: Exclude<ApiService, '*'>;
  readonly operation: string;
  /** What is asked, so that the same request made again is known as such. */
  readonly identity: string;
}

export interface ApiFate {
  readonly outcome: (typeof outcomes)[number] | 'run';
  readonly latencyMs: number;
  /** How a lost answer is lost: by a cut connection, or by a server error in its place. */
  readonly cut: boolean;
  /** To be called when the outcome has come to pass. */
  count(): void;
}

/** Whether any call of the service may be meant: what is not need not be looked into. */
export function mentionsService({ plan }: ActivePlan, service: ApiCall['service']): boolean {
  return plan.api.some((one) => one.service === '*' || one.service === service);
}

/** The fate depends on the seed, the operation, what is asked, and which time it is asked. */
export function apiFate({ plan, seen, counter }: ActivePlan, call: ApiCall): ApiFate | undefined {
  const { service, operation, identity } = call;
  const entry = plan.api.find(
    (one) =>
      (one.service === '*' || one.service === service) && matchesGlob(one.operation, operation),
  );
  if (!entry) return undefined;
  const time = seen.next(`api ${service} ${operation} ${identity}`);
  const drawn = (what: string) => draw(plan.seed, 'api', what, service, operation, identity, time);
  let rest = drawn('outcome');
  const outcome = outcomes.find((kind) => {
    rest -= entry[kind];
    return rest < 0;
  });
  return {
    outcome: outcome ?? 'run',
    latencyMs: within(entry.latencyMs, drawn('latency')),
    cut: drawn('cut') < 0.5,
    count: () => counter.add('api', outcome ?? 'latency'),
  };
}
