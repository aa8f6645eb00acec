import { PermanentError } from '@millrace/middleware';
import { DEFAULT_TENANT, describeViolations, MillraceEvent, validate } from '@millrace/types';

/** An event that passed the border: valid, and of a known tenant. */
export interface IncomingEvent {
  readonly event: MillraceEvent;
  readonly tenant: string;
}

const FIRST_INSTANT = Date.parse('0001-01-01T00:00:00Z');
const END = Date.parse('9999-12-31T23:59:59.999Z') + 1;
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
 * @throws PermanentError event_invalid, event_time_out_of_range
 */
export function readEvent(input: unknown): IncomingEvent {
  const validated = validate(MillraceEvent, input);
  if (!validated.ok) {
    throw new PermanentError('event_invalid', describeViolations(validated.violations));
  }
  const event = validated.value;
  if (!hasUsableTime(event.time)) {
    throw new PermanentError(
      'event_time_out_of_range',
      '/time must be of the years 0001 to 9999 in UTC',
    );
  }
  return { event, tenant: event.tenant ?? DEFAULT_TENANT };
}

/** Minutes are compared as text of four-digit years; an offset can push a valid time out of them. */
function hasUsableTime(time: string): boolean {
  const instant = Date.parse(time);
  return instant >= FIRST_INSTANT && instant < END;
}
