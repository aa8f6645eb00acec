import { isDeepStrictEqual } from 'node:util';
import type { AttributeValue, Image, ItemChange } from '../../dynamodb/item-change.ts';
import { eventIdOfChange } from '../../event-ids.ts';
import { parseArn } from '../arn.ts';
import { type StreamRecord, streamRecord } from './shard-source.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html (example event) */
export function itemChangeRecord(change: ItemChange, streamArn: string): StreamRecord {
  const { sequenceNumber, createdAt, newImage, oldImage, userIdentity } = change;
  const keys = wireImage(change.keys);
  return streamRecord({
    sequenceNumber,
    orderingKey: JSON.stringify(keys),
    arrivedAt: createdAt * 1_000,
    event: {
      eventID: eventIdOfChange(streamArn, sequenceNumber),
      eventName: change.eventName,
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: parseArn(streamArn).region,
      dynamodb: {
        ApproximateCreationDateTime: createdAt,
        Keys: keys,
        ...(newImage && { NewImage: wireImage(newImage) }),
        ...(oldImage && { OldImage: wireImage(oldImage) }),
        SequenceNumber: sequenceNumber,
        SizeBytes: change.sizeBytes,
        StreamViewType: change.viewType,
      },
      ...(userIdentity?.principalId && {
        userIdentity: { type: userIdentity.type, principalId: userIdentity.principalId },
      }),
      eventSourceARN: streamArn,
    },
  });
}

/**
 * Whether it is the record of a write that changed nothing. DynamoDB writes none; the engine does.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
 */
export function isUnchanged({ event }: StreamRecord): boolean {
  const change = event.dynamodb as { NewImage?: unknown; OldImage?: unknown } | undefined;
  if (!change?.NewImage || !change.OldImage) return false;
  return isDeepStrictEqual(change.NewImage, change.OldImage);
}

/** Attribute values as events have them: binary in base64, attribute names in a fixed order. */
function wireImage(image: Image): Record<string, unknown> {
  const names = Object.keys(image).sort();
  return Object.fromEntries(names.map((name) => [name, wireValue(image[name])]));
}

function wireValue(value: AttributeValue | undefined): unknown {
  if (value?.B !== undefined) return { B: base64(value.B) };
  // Sets have no order: a fixed one makes equal images equal.
  if (value?.BS !== undefined) return { BS: value.BS.map(base64).sort() };
  if (value?.SS !== undefined) return { SS: value.SS.toSorted() };
  if (value?.NS !== undefined) return { NS: value.NS.toSorted() };
  if (value?.L !== undefined) return { L: value.L.map(wireValue) };
  if (value?.M !== undefined) return { M: wireImage(value.M) };
  return value;
}

const base64 = (binary: Uint8Array | string) =>
  typeof binary === 'string' ? binary : Buffer.from(binary).toString('base64');
