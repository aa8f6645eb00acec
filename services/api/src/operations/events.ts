import type { Operations } from '@millrace/middleware/http';
import type { EventStream } from '../domain/events/ports.ts';
import { sendEvents } from '../domain/events/send-events.ts';

export interface EventServices {
  readonly stream: EventStream;
}

export function eventOperations({ stream }: EventServices) {
  return {
    async sendEvents({ caller: { tenant }, body }) {
      return { body: await sendEvents(body, { tenant, now: Date.now() }, stream) };
    },
  } satisfies Operations;
}
