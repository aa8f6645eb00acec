import { hash } from 'node:crypto';
import { type Session, type StateItem, sessionPartitionOf, sessionSortKey } from '@millrace/types';
import type { SessionStore } from '../../src/domain/sessions/list-sessions.ts';

export function sessionOf(visitorId: string, startedAt: string, views = 1): Session {
  return {
    id: hash('sha256', visitorId, 'base64url').slice(0, 22),
    ...{ visitorId, startedAt, endedAt: startedAt, views, clicks: 0, bounce: views === 1 },
    ...{ entryPage: '/', exitPage: '/', referrer: 'direct', source: '', medium: '', campaign: '' },
    ...{ device: 'desktop', browser: 'Chrome', os: 'Windows' },
  };
}

/** As stream-analytics stores it. */
export function sessionItem(tenant: string, session: Session): StateItem {
  return {
    pk: sessionPartitionOf(tenant, session.startedAt.slice(0, 10), session.id),
    sk: sessionSortKey(session),
    state: JSON.stringify(session),
  };
}

/** Held to the same contract tests as the table. */
export function memorySessionStore(
  all: readonly { readonly tenant: string; readonly session: Session }[],
): SessionStore {
  const sorted = all
    .map(({ tenant, session }) => ({ tenant, session, key: sessionSortKey(session) }))
    .sort((one, other) => (one.key > other.key ? -1 : 1));
  return {
    async newest(tenant, { day, from, before, visitorId, limit }) {
      const found = sorted.filter(
        (one) =>
          one.tenant === tenant &&
          one.key.startsWith(day) &&
          one.key >= from &&
          one.key < before &&
          (visitorId === undefined || one.session.visitorId === visitorId),
      );
      const given = found.slice(0, limit);
      const last = given.at(-1);
      return {
        sessions: given.map(({ session }) => session),
        ...(found.length > limit && last && { next: last.key }),
      };
    },
  };
}
