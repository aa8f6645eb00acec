/**
 * A session of a visitor: clicks with pauses of at most half an hour between them. A document of the
 * table `states`: partition key one of `sessionPartitions`, sort key `sessionSortKey`. It changes, and
 * may join another or begin earlier, while clicks of it arrive.
 */
export interface Session {
  /**
   * Of the visitor: the first 22 characters of the SHA-256 of its id, in base64url. Unique per tenant
   * together with the start.
   */
  readonly id: string;
  readonly visitorId: string;
  /** Of the first and the last click: ISO 8601 in UTC, to the millisecond. */
  readonly startedAt: string;
  readonly endedAt: string;
  /** Pages seen, and clicks on them. */
  readonly views: number;
  readonly clicks: number;
  /** One page was seen. */
  readonly bounce: boolean;
  /** Paths, at most 512 characters; `(invalid)` where the URL was none of a page. */
  readonly entryPage: string;
  readonly exitPage: string;
  /** Where the first click came from: a domain, `direct`, `internal` or `other`. */
  readonly referrer: string;
  /** utm_source, utm_medium and utm_campaign of the first click; empty where there was none. */
  readonly source: string;
  readonly medium: string;
  readonly campaign: string;
  /** Of the first click, each one of a short list. */
  readonly device: string;
  readonly browser: string;
  readonly os: string;
}

/** Sessions of a day are spread, so that a tenant's writes do not all meet in one partition. */
export const SESSION_PARTITIONS = 8;

/** @param day of the sessions' start in UTC, `2026-11-23`. @param nth below `SESSION_PARTITIONS`. */
export function sessionPartition(tenant: string, day: string, nth: number): string {
  return `${tenant}#sessions#${day}#${nth}`;
}

/** All partitions of a day: what is listed is their merger by sort key. */
export function sessionPartitions(tenant: string, day: string): string[] {
  return Array.from({ length: SESSION_PARTITIONS }, (_, nth) => sessionPartition(tenant, day, nth));
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Of the sessions with this id. Any part of it will do, as it is a digest: the last bits of its first byte. */
export function sessionPartitionOf(tenant: string, day: string, id: string): string {
  const [first = 0, second = 0] = [...id.slice(0, 2)].map((digit) => DIGITS.indexOf(digit));
  return sessionPartition(tenant, day, ((first & 1) << 2) | (second >> 4));
}

/** Sorts by start. */
export function sessionSortKey({ startedAt, id }: Pick<Session, 'startedAt' | 'id'>): string {
  return `${startedAt}#${id}`;
}
