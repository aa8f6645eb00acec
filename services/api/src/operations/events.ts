import type { Operations } from '@millrace/middleware/http';
import type { Backoff, EventStream } from '../domain/events/ports.ts';
import { sendEvents } from '../domain/events/send-events.ts';

export interface EventServices {
  readonly stream: EventStream;
  readonly backoff: Backoff;
}

export function eventOperations(services: EventServices) {
  return {
    async sendEvents({ caller: { tenant }, body }) {
      return { body: await sendEvents(body, tenant, services) };
    },
  } satisfies Operations;
}
