import { PermanentError } from '@millrace/middleware';
import { DEFAULT_TENANT, describeViolations, MillraceEvent, validate } from '@millrace/types';

/** An event that passed the border: valid, and of a known tenant. */
export interface IncomingEvent {
  readonly event: MillraceEvent;
  readonly tenant: string;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** @throws PermanentError event_not_json */
export function parseJson(data: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(data));
  } catch (cause) {
    throw new PermanentError('event_not_json', 'The record is not JSON in UTF-8.', { cause });
  }
}

/**
 * @param input a parsed record of the stream `events`.
 * @throws PermanentError event_invalid
 */
export function readEvent(input: unknown): IncomingEvent {
  const validated = validate(MillraceEvent, input);
  if (!validated.ok) {
    throw new PermanentError('event_invalid', describeViolations(validated.violations));
  }
  const event = validated.value;
  return { event, tenant: event.tenant ?? DEFAULT_TENANT };
}
