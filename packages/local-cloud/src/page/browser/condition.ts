import type { MappingStatus } from '../../ports.ts';

/** How a mapping is doing, in one word; the page and the command line say the same. */
export type Condition =
  | 'flowing'
  | 'resting'
  | 'retrying'
  | 'blocked'
  | 'waiting-for-source'
  | 'waiting-for-function'
  | 'disabled'
  | 'stopped';

/** A batch that fails for longer than this blocks its shard: nothing behind it can pass. */
export const BLOCKED_AFTER_MS = 30_000;

/** @param blockedAfterMs how old the oldest record of a failing shard may become */
export function conditionOf(mapping: MappingStatus, blockedAfterMs = BLOCKED_AFTER_MS): Condition {
  if (mapping.state !== 'running') return mapping.state;
  const failing = mapping.shards.filter(({ attempts }) => attempts > 0);
  if (failing.length > 0) {
    return failing.some(({ iteratorAgeMs }) => iteratorAgeMs > blockedAfterMs)
      ? 'blocked'
      : 'retrying';
  }
  const busy = mapping.shards.some(({ inFlight, pending = 0 }) => inFlight > 0 || pending > 0);
  return busy ? 'flowing' : 'resting';
}

/** Nothing of it can arrive: its records fail for too long, or its service is not running. */
export function isBlocked(mapping: MappingStatus, blockedAfterMs = BLOCKED_AFTER_MS): boolean {
  const condition = conditionOf(mapping, blockedAfterMs);
  return condition === 'blocked' || condition === 'waiting-for-function';
}

/** Age of the oldest record, over all shards, that is read and not done, in milliseconds. */
export function oldestAgeMs(mapping: MappingStatus): number {
  return mapping.shards.reduce((oldest, { iteratorAgeMs }) => Math.max(oldest, iteratorAgeMs), 0);
}
