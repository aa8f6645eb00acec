import { randomUUID } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { destinationObjectKey, isBucket } from '../../lambda/destination-object.ts';
import type { MessageSink } from '../../ports.ts';
import { mappingUuid } from '../mapping-uuid.ts';
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
