import { ProblemError } from '@millrace/types';

export interface PageRequest {
  readonly limit: number;
  /** The last key of the page before. */
  readonly after?: string;
}

export interface StoredPage<T> {
  readonly items: readonly T[];
  /** Where the next page goes on; absent on the last. */
  readonly last?: string;
}

/**
 * A cursor holds the sort key alone. The partition, which is the tenant, always comes from the
 * token: a forged cursor can only skip within the forger's own records.
 */
export function cursorOf(last: string): string {
  return Buffer.from(`1:${last}`).toString('base64url');
}

/** @throws ProblemError invalid_cursor */
export function pageRequestOf(query: {
  readonly limit: number;
  readonly cursor?: string | undefined;
}): PageRequest {
  if (query.cursor === undefined) return { limit: query.limit };
  const text = Buffer.from(query.cursor, 'base64url').toString();
  const after = text.match(/^1:(.{1,256})$/s)?.[1];
  if (after === undefined || cursorOf(after) !== query.cursor) {
    throw new ProblemError('invalid_cursor', 'Take the cursor as the page before gave it.');
  }
  return { limit: query.limit, after };
}

export function pageOf<T, R>(
  page: StoredPage<T>,
  present: (item: T) => R,
): { items: R[]; cursor?: string } {
  return {
    items: page.items.map(present),
    ...(page.last !== undefined && { cursor: cursorOf(page.last) }),
  };
}
