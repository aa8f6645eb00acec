import { PermanentError } from '@millrace/middleware';
import {
  DEFAULT_TENANT,
  describeViolations,
  type EventOf,
  type EventType,
  isWithinHorizon,
  MillraceEvent,
  validate,
} from '@millrace/types';

/** An event that passed the border: valid, and of a known tenant. */
export interface IncomingEvent {
  readonly event: MillraceEvent;
  readonly tenant: string;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** @throws PermanentError event_not_json */
export function parseJson(data: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(data));
  } catch (cause) {
    throw new PermanentError('event_not_json', 'The record is not JSON in UTF-8.', { cause });
  }
}

/** A lenient decoder is quicker, and what it has to replace, or a mark before it, is left to the other. */
function textOf(data: Uint8Array): string {
  const text = (Buffer.isBuffer(data) ? data : Buffer.from(data)).toString();
  return text.startsWith('\ufeff') || text.includes('\ufffd') ? utf8.decode(data) : text;
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

/**
 * Reads the events of one type from a stream of all; null where a record is about something else.
 * What cannot be told to be of the type at all (not JSON, no known type) is put aside by
 * `countEvents`, which takes every record; a malformed event of the type is put aside by the reader as
 * well, so that it can be replayed there.
 *
 * @returns a function that throws PermanentError event_invalid.
 */
export function readerOf<T extends EventType>(type: T) {
  return (data: Uint8Array): { readonly event: EventOf<T>; readonly tenant: string } | null => {
    const input = parsedOrNull(data);
    if (typeof input !== 'object' || input === null) return null;
    if (!('type' in input) || input.type !== type) return null;
    const { event, tenant } = readEvent(input);
    return { event: event as EventOf<T>, tenant };
  };
}

function parsedOrNull(data: Uint8Array): unknown {
  try {
    return parseJson(data);
  } catch {
    return null;
  }
}

export const OUT_OF_RANGE = new PermanentError(
  'event_time_out_of_range',
  'The event tells a time more than 400 days before or a day after it was received: correct it and send the event again.',
);

/**
 * @param arrivedAt ISO 8601.
 * @throws PermanentError event_time_out_of_range
 */
export function requireTimely({ time }: { readonly time: string }, arrivedAt: string): void {
  if (!isWithinHorizon(time, Date.parse(arrivedAt))) throw OUT_OF_RANGE;
}
