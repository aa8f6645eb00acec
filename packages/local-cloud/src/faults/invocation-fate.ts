import type { ActivePlan } from './active-plan.ts';
import type { FaultCounter } from './counts.ts';
import { draw, within } from './draw.ts';
import { matchesGlob } from './glob.ts';
import { invocationIdentity } from './invocation-identity.ts';

const outcomes = ['throttle', 'error', 'kill', 'loseAnswer', 'timeout'] as const;

/** What a plan has in store for one invocation. */
export interface InvocationFate {
  /** `run`: nothing but perhaps latency. */
  readonly outcome: (typeof outcomes)[number] | 'run';
  readonly latencyMs: number;
  /** When `kill` and `timeout` strike, in milliseconds from the start of the handler. */
  readonly strikeAfterMs: number;
  /** The same moment as a share (in [0, 1)) of whatever a host can divide: its AWS calls, for one. */
  readonly moment: number;
  readonly seed: number;
  /** The area and kind are counted when the fault has come to pass. */
  readonly counter: FaultCounter;
}

/** The fate depends on the seed, the function, what the first record holds, and which time this is. */
export function invocationFate(
  { plan, seen, counter }: ActivePlan,
  functionName: string,
  payload: string,
): InvocationFate | undefined {
  const entry = plan.invocations.find((one) => matchesGlob(one.function, functionName));
  if (!entry) return undefined;
  const identity = invocationIdentity(payload);
  const attempt = seen.next(`invocation ${functionName} ${identity}`);
  const drawn = (what: string) => draw(plan.seed, what, functionName, identity, attempt);
  let rest = drawn('outcome');
  const outcome = outcomes.find((kind) => {
    rest -= entry[kind];
    return rest < 0;
  });
  return {
    outcome: outcome ?? 'run',
    latencyMs: within(entry.latencyMs, drawn('latency')),
    strikeAfterMs: within(entry.strikeAfterMs, drawn('moment')),
    moment: drawn('moment'),
    seed: plan.seed,
    counter,
  };
}
