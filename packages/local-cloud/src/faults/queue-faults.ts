import type { ActivePlan } from './active-plan.ts';
import { draw, fingerprint, within } from './draw.ts';
import { matchesGlob } from './glob.ts';

/** The decisions depend on the seed, the queue, the body, and which time such a body is sent there. */
export function queueFault(
  { plan, seen, counter }: ActivePlan,
  kind: 'duplicate' | 'reorder',
  queue: string,
  body: string,
): { readonly heldMs: number } | undefined {
  const entry = plan.queues.find((one) => matchesGlob(one.queue, queue));
  if (!entry || entry[kind] === 0) return undefined;
  const identity = fingerprint(body);
  const time = seen.next(`queue ${kind} ${queue} ${identity}`);
  const drawn = (what: string) => draw(plan.seed, 'queue', what, queue, identity, time);
  if (drawn(kind) >= entry[kind]) return undefined;
  counter.add('queues', kind);
  return { heldMs: Math.round(within(entry.reorderWithinMs, drawn('held'))) };
}
