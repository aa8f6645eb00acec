import { type EventOf, isWithinHorizon } from '@millrace/types';
import { OUT_OF_RANGE } from '../../domain/engine/process-batch.ts';
import { parseJson, readEvent } from '../../domain/incoming-event.ts';

export type DocumentEvent = EventOf<'millrace.document.v1'>;

export interface IncomingDocument {
  readonly event: DocumentEvent;
  readonly tenant: string;
}

/**
 * The document event in a record, or null where the record is about something else. What cannot be
 * told to be a document at all is put aside by `countEvents`, which takes every record; a malformed
 * document is put aside here as well, so that it can be replayed here.
 *
 * @throws PermanentError event_invalid
 */
export function readDocument(data: Uint8Array): IncomingDocument | null {
  const input = parsedOrNull(data);
  if (!isDocument(input)) return null;
  const { event, tenant } = readEvent(input);
  return event.type === 'millrace.document.v1' ? { event, tenant } : null;
}

/**
 * @param arrivedAt ISO 8601.
 * @throws PermanentError event_time_out_of_range
 */
export function requireTimely({ time }: DocumentEvent, arrivedAt: string): void {
  if (!isWithinHorizon(time, Date.parse(arrivedAt))) throw OUT_OF_RANGE;
}

function parsedOrNull(data: Uint8Array): unknown {
  try {
    return parseJson(data);
  } catch {
    return null;
  }
}

function isDocument(input: unknown): boolean {
  return (
    typeof input === 'object' &&
    input !== null &&
    'type' in input &&
    input.type === 'millrace.document.v1'
  );
}
