import type { Operations } from '@millrace/middleware/http';
import { pageOf } from '../domain/paging.ts';
import { listSessions, type SessionStore } from '../domain/sessions/list-sessions.ts';

export function sessionOperations({ sessions }: { readonly sessions: SessionStore }) {
  return {
    async listSessions({ caller: { tenant }, query }) {
      return { body: pageOf(await listSessions(sessions, tenant, query), (session) => session) };
    },
  } satisfies Operations;
}
