import { PermanentError } from '@millrace/middleware';
import { describeViolations, validate } from '@millrace/types';
import * as z from 'zod/mini';
import type { PresenceEvent } from '../domain/presence/presence.ts';

/** https://docs.aws.amazon.com/iot/latest/developerguide/life-cycle-events.html */
const LifecycleEvent = z.object({
  clientId: z.string().check(z.minLength(1), z.maxLength(2048)),
  eventType: z.enum(['connected', 'disconnected']),
  timestamp: z.int(),
  versionNumber: z.int().check(z.gte(0)),
  sessionIdentifier: z.string(),
  disconnectReason: z.optional(z.string()),
});

/** @throws PermanentError when the function was invoked by something else than its rule */
export function readLifecycleEvent(event: unknown): PresenceEvent {
  const validated = validate(LifecycleEvent, event);
  if (!validated.ok) {
    throw new PermanentError(
      'lifecycle_event_invalid',
      `This is no lifecycle event of AWS IoT: ${describeViolations(validated.violations)}`,
    );
  }
  const { clientId, eventType, timestamp, versionNumber, sessionIdentifier, disconnectReason } =
    validated.value;
  return {
    clientId,
    isConnected: eventType === 'connected',
    at: timestamp,
    version: versionNumber,
    sessionId: sessionIdentifier,
    ...(disconnectReason !== undefined && { reason: disconnectReason }),
  };
}
