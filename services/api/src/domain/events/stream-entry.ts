import { type MillraceEvent, partitionKeyOf } from '@millrace/types';
import type { StreamEntry } from './ports.ts';

/** An event as it lies on the stream, of the tenant that it is stamped with. */
export function streamEntryOf(event: MillraceEvent, tenant: string): StreamEntry {
  return {
    data: Buffer.from(JSON.stringify({ ...event, tenant })),
    partitionKey: partitionKeyOf(event, tenant),
  };
}
