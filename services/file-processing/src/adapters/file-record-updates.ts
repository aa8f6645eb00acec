import type { FileItem } from '@millrace/types';
import type { FileIdentity } from '../domain/file-identity.ts';
import type { ObjectChange, UploadedVersion } from '../domain/object-change.ts';
import type { Verdict } from '../domain/ports.ts';

/** What a version's state is made of; a newer version starts without it. */
const OF_ONE_VERSION = ['image', 'renditions', 'reason', 'detectedType', 'typeMismatch'] as const;

export function removalKey({ bucket, key }: ObjectChange) {
  return { pk: `${bucket}/${key}` };
}

/** Holds while no removal is known that is newer than the change. */
export function removalCheck(change: ObjectChange) {
  return {
    Key: removalKey(change),
    ConditionExpression: 'attribute_not_exists(sequencer) OR sequencer < :order',
    ExpressionAttributeValues: { ':order': change.order },
  };
}

/**
 * Starts a version on the record as it was seen. What the API wrote about an upload that it
 * announced (name, declared type, time) stays.
 */
export function claimUpdate(
  { tenant, fileId, name }: FileIdentity,
  version: UploadedVersion,
  seen: FileItem | undefined,
) {
  const replaces = seen?.sequencer !== undefined && seen.sequencer !== version.order;
  // The type that was declared for an older version says nothing of this one.
  const forgotten = [...OF_ONE_VERSION, ...(replaces ? ['declaredType' as const] : [])];
  const set = [
    '#bucket = :bucket, #key = :key, #status = :status, sequencer = :order, eTag = :eTag, #size = :size',
    '#name = if_not_exists(#name, :name), createdAt = if_not_exists(createdAt, :at), updatedAt = :at',
    ...(replaces ? ['replaced = :yes'] : []),
  ];
  const asSeen = conditionAsSeen(seen);
  return {
    Key: { tenant, fileId },
    UpdateExpression: `SET ${set.join(', ')} REMOVE ${forgotten.join(', ')}`,
    ConditionExpression: asSeen.expression,
    ExpressionAttributeNames: {
      '#bucket': 'bucket',
      '#key': 'key',
      '#status': 'status',
      '#size': 'size',
      '#name': 'name',
    },
    ExpressionAttributeValues: {
      ':bucket': version.bucket,
      ':key': version.key,
      ':status': 'processing',
      ':order': version.order,
      ':eTag': version.eTag,
      ':size': version.size,
      ':name': name,
      ':at': version.happenedAt,
      ...(replaces && { ':yes': true }),
      ...asSeen.values,
    },
  };
}

function conditionAsSeen(seen: FileItem | undefined) {
  if (!seen) return { expression: 'attribute_not_exists(fileId)', values: {} };
  if (seen.sequencer === undefined) {
    return {
      expression: 'attribute_exists(fileId) AND attribute_not_exists(sequencer)',
      values: {},
    };
  }
  return {
    expression: 'sequencer = :seen AND #status = :seenStatus',
    values: { ':seen': seen.sequencer, ':seenStatus': seen.status },
  };
}

/** Ends a version that is being processed. */
export function verdictUpdate(
  { tenant, fileId }: FileIdentity,
  version: UploadedVersion,
  verdict: Verdict,
  at: string,
) {
  const { declaredType, ...facts } = verdict;
  const set = Object.keys(facts).map((name) => `#${name} = :${name}`);
  if (declaredType !== undefined) {
    set.push('declaredType = if_not_exists(declaredType, :declaredType)');
  }
  return {
    Key: { tenant, fileId },
    UpdateExpression: `SET ${[...set, 'updatedAt = :at'].join(', ')}`,
    ConditionExpression: 'sequencer = :order AND #status = :processing',
    ExpressionAttributeNames: Object.fromEntries(
      Object.keys(facts).map((name) => [`#${name}`, name]),
    ),
    ExpressionAttributeValues: {
      ...Object.fromEntries(Object.entries(facts).map(([name, value]) => [`:${name}`, value])),
      ...(declaredType !== undefined && { ':declaredType': declaredType }),
      ':order': version.order,
      ':processing': 'processing',
      ':at': at,
    },
  };
}
