import { hash } from 'node:crypto';
import { type Session, sessionPartitionOf, sessionSortKey } from '@millrace/types';
import { DAY_MS, dayOf, dayText, knownUntil } from '../../domain/days.ts';
import type { StateRef } from '../../domain/engine/pipeline.ts';
import type { Run } from './runs.ts';

export function sessionDocument(visitorId: string, { first, last, views, clicks }: Run): Session {
  const { at, page, ...beginning } = first;
  return {
    id: hash('sha256', visitorId, 'base64url').slice(0, 22),
    visitorId,
    startedAt: new Date(at).toISOString(),
    endedAt: new Date(last.at).toISOString(),
    views,
    clicks,
    bounce: views === 1,
    entryPage: page,
    exitPage: last.page,
    ...beginning,
  };
}

export function sessionRef(tenant: string, session: Session): StateRef<Session> {
  const day = dayOf(Date.parse(session.startedAt));
  return {
    pk: sessionPartitionOf(tenant, dayText(day), session.id),
    sk: sessionSortKey(session),
    expiresAt: knownUntil((day + 1) * DAY_MS),
  };
}
