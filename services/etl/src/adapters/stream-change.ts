import type { StreamRecord } from '@millrace/middleware';
import type { DynamoDBRecord } from 'aws-lambda';
import type { Change } from '../domain/change.ts';

/**
 * A record of a DynamoDB stream as a change.
 * TTL deletes carry the service's identity:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html
 */
export function toChange(record: StreamRecord<DynamoDBRecord>): Change {
  const { eventName, dynamodb = {}, userIdentity } = record.value;
  if (eventName === undefined) throw new TypeError('A record of a stream has an event name.');
  const { Keys = {}, NewImage, OldImage } = dynamodb;
  return {
    id: record.id,
    op: eventName,
    sequence: record.sequenceNumber,
    changedAt: new Date(record.arrivedAt),
    keys: Keys,
    ...(NewImage && { newImage: NewImage }),
    ...(OldImage && { oldImage: OldImage }),
    expired: isTimeToLive(userIdentity),
  };
}

function isTimeToLive(identity: unknown): boolean {
  if (typeof identity !== 'object' || identity === null) return false;
  const { principalId } = identity as { principalId?: unknown };
  return principalId === 'dynamodb.amazonaws.com';
}
