import type { Tags } from './tagging.ts';
import type { Version } from './version-table.ts';

/**
 * A lifecycle rule, with what is carried out of it. Storage classes are not: transitions are only
 * kept, as they were put.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html
 */
export interface LifecycleRule {
  readonly id: string;
  readonly isEnabled: boolean;
  readonly filter: LifecycleFilter;
  readonly expiration?: Expiration;
  readonly noncurrent?: {
    /** Days since a newer version came. */
    readonly days: number;
    /** How many noncurrent versions stay, however old they are. */
    readonly keep: number;
  };
  /** Days after which an upload that was not completed is aborted. */
  readonly abortUploadsAfterDays?: number;
  /** `Transition` and `NoncurrentVersionTransition` elements. */
  readonly transitions: Readonly<Record<string, readonly unknown[]>>;
}

export interface LifecycleFilter {
  readonly prefix: string;
  /** All of them must be on the object. */
  readonly tags: Tags;
  /** Bytes; both ends excluded. */
  readonly largerThan?: number;
  readonly smallerThan?: number;
}

export type Expiration =
  | { readonly kind: 'days'; readonly days: number }
  /** Milliseconds since the epoch, a midnight in UTC. */
  | { readonly kind: 'date'; readonly date: number }
  /** Removes delete markers with nothing behind them. */
  | { readonly kind: 'delete-markers' };

const DAY_MS = 86_400_000;

/** When a rule ends an object: milliseconds since the epoch, always a midnight in UTC. */
export interface Expiry {
  readonly at: number;
  readonly ruleId: string;
}

/**
 * "S3 adds the number of days to the time and rounds the result to the next day midnight UTC."
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
 */
export function midnightAfter(time: number, days: number): number {
  return (Math.floor(time / DAY_MS) + days + 1) * DAY_MS;
}

export function applies({ filter }: LifecycleRule, version: Version): boolean {
  const { prefix, tags, largerThan = -1, smallerThan = Number.POSITIVE_INFINITY } = filter;
  if (!version.key.startsWith(prefix)) return false;
  if (Object.entries(tags).some(([name, value]) => version.tags[name] !== value)) return false;
  // A delete marker has no size that a rule could mean.
  return version.isDeleteMarker || (version.size > largerThan && version.size < smallerThan);
}

/** When the current version expires, by the rule that comes first; a delete marker never does. */
export function currentExpiry(
  rules: readonly LifecycleRule[],
  version: Version,
): Expiry | undefined {
  if (version.isDeleteMarker) return undefined;
  return earliest(rules, version, ({ expiration }) => expirationOf(expiration, version.modified));
}

/** When a noncurrent version that was superseded at `since` and has `newer` newer noncurrent ones ends. */
export function noncurrentExpiry(
  rules: readonly LifecycleRule[],
  version: Version,
  { since, newer }: { since: number; newer: number },
): Expiry | undefined {
  return earliest(rules, version, ({ noncurrent }) =>
    noncurrent && newer >= noncurrent.keep ? midnightAfter(since, noncurrent.days) : undefined,
  );
}

/** When a delete marker that is the only version of its key ends. */
export function markerExpiry(rules: readonly LifecycleRule[], marker: Version): Expiry | undefined {
  return earliest(rules, marker, ({ expiration, filter }) => {
    // A marker has no tags; a rule for tagged objects does not mean it.
    if (Object.keys(filter.tags).length > 0) return undefined;
    if (expiration?.kind === 'delete-markers') return 0;
    return expirationOf(expiration, marker.modified);
  });
}

/** When an upload that is not completed is aborted. */
export function uploadExpiry(
  rules: readonly LifecycleRule[],
  upload: { readonly key: string; readonly initiated: number },
): number | undefined {
  const ends = rules.flatMap(({ isEnabled, abortUploadsAfterDays: days, filter }) =>
    isEnabled && days !== undefined && upload.key.startsWith(filter.prefix)
      ? [midnightAfter(upload.initiated, days)]
      : [],
  );
  return ends.length > 0 ? Math.min(...ends) : undefined;
}

function expirationOf(expiration: Expiration | undefined, modified: number): number | undefined {
  if (expiration?.kind === 'days') return midnightAfter(modified, expiration.days);
  return expiration?.kind === 'date' ? expiration.date : undefined;
}

function earliest(
  rules: readonly LifecycleRule[],
  version: Version,
  endOf: (rule: LifecycleRule) => number | undefined,
): Expiry | undefined {
  let first: Expiry | undefined;
  for (const rule of rules) {
    const at = rule.isEnabled && applies(rule, version) ? endOf(rule) : undefined;
    if (at !== undefined && (!first || at < first.at)) first = { at, ruleId: rule.id };
  }
  return first;
}
