import type { ActivePlan } from './active-plan.ts';
import { draw, within } from './draw.ts';
import { matchesGlob } from './glob.ts';
import { invocationIdentity } from './invocation-identity.ts';

/**
 * When an asynchronous invocation is delivered: one delay in milliseconds for each copy. AWS
 * promises neither that an event comes once nor that two come in order:
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
 */
export function arrivalDelays(
  { plan, seen, counter }: ActivePlan,
  functionName: string,
  payload: string,
): readonly number[] {
  const entry = plan.notifications.find((one) => matchesGlob(one.function, functionName));
  if (!entry) return [0];
  const identity = invocationIdentity(payload);
  const time = seen.next(`notification ${functionName} ${identity}`);
  const drawn = (what: string) => draw(plan.seed, 'notify', what, functionName, identity, time);
  const happens = (kind: 'duplicate' | 'reorder') => {
    const hit = drawn(kind) < entry[kind];
    if (hit) counter.add('notifications', kind);
    return hit;
  };
  const held = happens('reorder') ? within(entry.reorderWithinMs, drawn('held')) : 0;
  const copies = happens('duplicate') ? 2 : 1;
  return Array.from({ length: copies }, (_, copy) =>
    Math.round(held + within(entry.delayMs, drawn(`delay ${copy}`))),
  );
}
