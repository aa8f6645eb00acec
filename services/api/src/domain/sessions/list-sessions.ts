import { ProblemError, type Session } from '@millrace/types';
import { pageRequestOf, type StoredPage } from '../paging.ts';
import { startOf, timeRangeOf, WINDOW_MS } from '../time-range.ts';

export interface SessionStore {
  /** Of those that began on a day, the newest first. */
  newest(tenant: string, query: SessionsOfDay): Promise<SessionPage>;
}

export interface SessionsOfDay {
  /** `2026-11-23`, UTC. */
  readonly day: string;
  /** Sort keys: from this one on, */
  readonly from: string;
  /** and before that one. */
  readonly before: string;
  readonly visitorId?: string | undefined;
  readonly limit: number;
}

export interface SessionPage {
  readonly sessions: readonly Session[];
  /** The sort key before which to go on where the day holds more that may be asked for. */
  readonly next?: string;
}

/** As long as a click may be late: no session is older. */
const LONGEST_DAYS = 400;
/** Days and pages that are looked through for one answer, which ends sooner then. */
const MOST_LOOKS = 62;

/**
 * Sessions by their start, the newest first. A cursor is the sort key before which to go on, so it
 * holds for whoever has it within their own sessions only: the tenant is of the token.
 *
 * @throws ProblemError invalid_request, invalid_cursor, metric_range_too_wide
 */
export async function listSessions(
  store: SessionStore,
  tenant: string,
  query: {
    readonly from: string;
    readonly to: string;
    readonly visitorId?: string | undefined;
    readonly limit: number;
    readonly cursor?: string | undefined;
  },
): Promise<StoredPage<Session>> {
  timeRangeOf(query, '1d', LONGEST_DAYS);
  const from = new Date(query.from).toISOString();
  let before = earlier(new Date(query.to).toISOString(), cursorKey(query));
  const items: Session[] = [];
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    const day = dayBefore(before);
    if (before <= from) return { items };
    const limit = query.limit - items.length;
    const { visitorId } = query;
    const page = await store.newest(tenant, { day, from, before, visitorId, limit });
    items.push(...page.sessions);
    // Nothing of the day is left: on with all that is before it.
    before = page.next ?? day;
    if (items.length === query.limit) break;
  }
  return before > from ? { items, last: before } : { items };
}

/** The day of the newest session that is before a sort key: a key may be a day's very beginning. */
function dayBefore(key: string): string {
  const time = Date.parse(key.slice(0, 24));
  const isStartOfDay = time % WINDOW_MS['1d'] === 0 && !key.includes('#');
  return startOf(isStartOfDay ? time - 1 : time).slice(0, 10);
}

function earlier(one: string, other: string | undefined): string {
  return other !== undefined && other < one ? other : one;
}

const SORT_KEY = /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d\.\d{3}Z(#[\w-]{1,64})?)?$/;

function cursorKey(query: { readonly limit: number; readonly cursor?: string | undefined }) {
  const { after } = pageRequestOf(query);
  if (after === undefined) return undefined;
  if (SORT_KEY.test(after) && !Number.isNaN(Date.parse(after.slice(0, 24)))) return after;
  throw new ProblemError('invalid_cursor', 'Take the cursor as the page before gave it.');
}
