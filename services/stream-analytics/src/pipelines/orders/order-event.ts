import { type EventOf, isWithinHorizon } from '@millrace/types';
import { OUT_OF_RANGE } from '../../domain/engine/process-batch.ts';
import { parseJson, readEvent } from '../../domain/incoming-event.ts';

export interface IncomingOrder {
  readonly event: EventOf<'millrace.order.v1'>;
  readonly tenant: string;
}

/**
 * The order event in a record, or null where the record is about something else. What cannot be
 * told to be an order at all (not JSON, no known type) is put aside by the counting function, which
 * takes every record; a malformed order is put aside here as well, so that it can be replayed here.
 *
 * @throws PermanentError event_invalid
 */
export function readOrder(data: Uint8Array): IncomingOrder | null {
  const input = parsedOrNull(data);
  if (!isOrder(input)) return null;
  const { event, tenant } = readEvent(input);
  return event.type === 'millrace.order.v1' ? { event, tenant } : null;
}

/**
 * Holds an order to the same horizon as all other events.
 *
 * @param arrivedAt ISO 8601.
 * @throws PermanentError event_time_out_of_range
 */
export function requireTimely({ time }: IncomingOrder['event'], arrivedAt: string): void {
  if (!isWithinHorizon(time, Date.parse(arrivedAt))) throw OUT_OF_RANGE;
}

function parsedOrNull(data: Uint8Array): unknown {
  try {
    return parseJson(data);
  } catch {
    return null;
  }
}

function isOrder(input: unknown): boolean {
  return (
    typeof input === 'object' &&
    input !== null &&
    'type' in input &&
    input.type === 'millrace.order.v1'
  );
}
