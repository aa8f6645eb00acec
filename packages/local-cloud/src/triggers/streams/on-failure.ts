import { createHash, randomUUID } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { destinationObjectKey, isBucket } from '../../lambda/destination-object.ts';
import type { MessageSink } from '../../ports.ts';
import { discardRecord } from './discard-record.ts';
import { type EventPlace, invocationPayload } from './invocation-payload.ts';
import type { Discard } from './segment.ts';
import type { WindowView } from './tumbling-window.ts';

export interface OnFailureOptions {
  readonly mappingId: string;
  readonly kind: 'kinesis' | 'dynamodb';
  readonly functionName: string;
  readonly place: EventPlace;
  readonly onFailureArn: string | undefined;
  readonly clock: Clock;
  readonly sink: MessageSink;
}

/**
 * Sends what is given up to the mapping's on-failure destination, if it has one: to queues and
 * topics its metadata, to a bucket the whole event as well. Rejects when it cannot be delivered.
 * https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
 */
export function createOnFailureDestination(options: OnFailureOptions) {
  const { mappingId, kind, functionName, place, onFailureArn, clock, sink } = options;

  return async (discard: Discard, window: WindowView | undefined): Promise<void> => {
    // The closing of a window has no records that a message could name.
    if (onFailureArn === undefined || discard.records.length === 0) return;
    const details = { kind, functionName, ...place, discard, now: clock.now() };
    const toBucket = isBucket(onFailureArn);
    const record = discardRecord({
      ...details,
      requestId: randomUUID(),
      ...(toBucket && { payload: invocationPayload(discard.records, place, window) }),
    });
    if (!toBucket) return sink.send(onFailureArn, record);
    const folder = `${mappingUuid(mappingId)}/${place.shardId}`;
    await sink.send(onFailureArn, record, destinationObjectKey(folder, details.now));
  };
}

/** A mapping's UUID: AWS makes one up; here it follows from the mapping, and survives anything. */
export function mappingUuid(mappingId: string): string {
  const hex = createHash('sha256').update(mappingId).digest('hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`];
  return [...parts, `${variant}${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
}
