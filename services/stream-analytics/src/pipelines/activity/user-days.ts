/**
 * On which days a user was active, as far as retention asks: all that its days make of a state,
 * in whatever order they come.
 */
export interface UserDays {
  /** The user's first day, in days since 1970. */
  readonly first: number;
  /** Bit n: active n days after the first. */
  readonly active: number;
}

/** The last day of a cohort that is counted, after its first (0). */
export const LAST_OFFSET = 30;
const ALL = 2 ** (LAST_OFFSET + 1) - 1;

/** An earlier day moves the first, and what then lies beyond the last offset is forgotten. */
export function withDay(before: UserDays | undefined, day: number): UserDays {
  if (!before) return { first: day, active: 1 };
  const offset = day - before.first;
  if (offset > LAST_OFFSET) return before;
  if (offset >= 0) return { first: before.first, active: before.active | (1 << offset) };
  const kept = -offset > LAST_OFFSET ? 0 : (before.active << -offset) & ALL;
  return { first: day, active: kept | 1 };
}

/** Days after the first on which the user was active. */
export function offsetsOf({ active }: UserDays): number[] {
  return Array.from({ length: LAST_OFFSET + 1 }, (_, offset) => offset).filter(
    (offset) => active & (1 << offset),
  );
}
