import type { FileItem, Reason } from '@millrace/types';
import type { FileIdentity } from '../domain/file-identity.ts';
import type { ObjectChange, UploadedVersion } from '../domain/object-change.ts';
import type { ContentTypes, Lease, Verdict } from '../domain/ports.ts';

/** What a verdict and the way to it are made of; a new verdict takes the place of all of it. */
const OF_ONE_VERDICT = [
  ...['image', 'media', 'document', 'log', 'table', 'renditions', 'reason'],
  ...['processorVersion', 'progress', 'worker', 'leaseUntil'],
];
/** What a version's state is made of; a newer version starts without it. */
const OF_ONE_VERSION = [...OF_ONE_VERDICT, 'detectedType', 'typeMismatch', 'kind'];

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
  const forgotten = OF_ONE_VERSION.filter((attribute) => attribute !== 'progress');
  if (replaces) forgotten.push('declaredType');
  const set = [
    '#bucket = :bucket, #key = :key, #status = :status, sequencer = :order, eTag = :eTag, #size = :size',
    '#name = if_not_exists(#name, :name), createdAt = if_not_exists(createdAt, :at), updatedAt = :at',
    'progress = :progress, version = :version',
    ...(replaces ? ['replaced = :yes'] : []),
  ];
  const asSeen = conditionAsSeen(seen);
  return {
    Key: { tenant, fileId },
    UpdateExpression: `SET ${set.join(', ')} REMOVE ${removed(forgotten)}`,
    ConditionExpression: asSeen.expression,
    ExpressionAttributeNames: {
      ...{ '#bucket': 'bucket', '#key': 'key', '#status': 'status' },
      ...{ '#size': 'size', '#name': 'name' },
      ...names(forgotten),
    },
    ExpressionAttributeValues: {
      ':bucket': version.bucket,
      ':key': version.key,
      ':status': 'processing',
      ':order': version.order,
      ':version': version.sequencer,
      ':eTag': version.eTag,
      ':size': version.size,
      ':name': name,
      ':at': version.happenedAt,
      ':progress': { stage: 'validating' },
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
  // Whoever works on it may have begun since.
  const unworked = seen.leaseUntil === undefined ? ' AND attribute_not_exists(leaseUntil)' : '';
  return {
    expression: `sequencer = :seen AND #status = :seenStatus${unworked}`,
    values: { ':seen': seen.sequencer, ':seenStatus': seen.status },
  };
}

/** While the version waits to be routed; once a worker has begun it is too late. */
export function queueUpdate(
  { tenant, fileId }: FileIdentity,
  version: UploadedVersion,
  types: ContentTypes,
  at: string,
) {
  const { declaredType, ...facts } = types;
  const set = Object.keys(facts).map((name) => `#${name} = :${name}`);
  return {
    Key: { tenant, fileId },
    UpdateExpression: `SET ${[...set, ...declared(declaredType), 'progress = :progress', 'updatedAt = :at'].join(', ')}`,
    ConditionExpression:
      'sequencer = :order AND #status = :processing AND attribute_not_exists(leaseUntil)',
    ExpressionAttributeNames: { '#status': 'status', ...names(Object.keys(facts)) },
    ExpressionAttributeValues: {
      ...values(facts),
      ...(declaredType !== undefined && { ':declaredType': declaredType }),
      ':progress': { stage: 'queued' },
      ':order': version.order,
      ':processing': 'processing',
      ':at': at,
    },
  };
}

/** @param again leaves status and verdict as they are until there is a new one */
export function beginUpdate(
  { tenant, fileId }: FileIdentity,
  version: UploadedVersion,
  lease: Lease,
  options: {
    readonly types: ContentTypes;
    readonly again: boolean;
    /** `updatedAt` of the record whose verdict is to be replaced. */
    readonly seenAt: string | undefined;
    readonly at: string;
    /** Milliseconds since the epoch. */
    readonly now: number;
  },
) {
  const { at, now, again, seenAt } = options;
  const { declaredType, ...types } = options.types;
  const set = [
    'worker = :worker, leaseUntil = :until',
    ...Object.keys(types).map((name) => `#${name} = :${name}`),
    ...declared(declaredType),
    ...(again ? [] : ['#status = :processing, progress = :progress, updatedAt = :at']),
  ];
  const isFree = '(attribute_not_exists(leaseUntil) OR leaseUntil < :now)';
  const isAsSeen = seenAt === undefined ? '' : ' AND updatedAt = :seenAt';
  const isOpen = again ? isAsSeen : ' AND #status IN (:processing, :failed)';
  return {
    Key: { tenant, fileId },
    UpdateExpression: `SET ${set.join(', ')}${again ? '' : ' REMOVE reason'}`,
    ConditionExpression: `sequencer = :order AND ${isFree}${isOpen}`,
    ...notEmpty({ ...names(Object.keys(types)), ...(!again && { '#status': 'status' }) }),
    ExpressionAttributeValues: {
      ...values(types),
      ...(declaredType !== undefined && { ':declaredType': declaredType }),
      ':order': version.order,
      ':worker': lease.worker,
      ':until': lease.until,
      ':now': now,
      ...(again && seenAt !== undefined && { ':seenAt': seenAt }),
      ...(!again && {
        ':processing': 'processing',
        ':failed': 'failed',
        ':progress': { stage: 'processing', percent: 0 },
        ':at': at,
      }),
    },
  };
}

export function renewUpdate(
  { tenant, fileId }: FileIdentity,
  version: UploadedVersion,
  lease: Lease,
  percent: number,
) {
  return {
    Key: { tenant, fileId },
    UpdateExpression: 'SET leaseUntil = :until, progress = :progress',
    ConditionExpression: 'sequencer = :order AND worker = :worker',
    ExpressionAttributeValues: {
      ':order': version.order,
      ':worker': lease.worker,
      ':until': lease.until,
      ':progress': { stage: 'processing', percent },
    },
  };
}

/** Ends a version that is being processed, or was given up; `again`: or is there already. */
export function verdictUpdate(
  { tenant, fileId }: FileIdentity,
  version: UploadedVersion,
  verdict: Verdict,
  { at, again }: { readonly at: string; readonly again: boolean },
) {
  const { declaredType, ...facts } = verdict;
  const set = [
    ...Object.keys(facts).map((name) => `#${name} = :${name}`),
    ...declared(declaredType),
    'updatedAt = :at',
  ];
  const forgotten = OF_ONE_VERDICT.filter((attribute) => !(attribute in facts));
  return {
    Key: { tenant, fileId },
    UpdateExpression: `SET ${set.join(', ')} REMOVE ${removed(forgotten)}`,
    ConditionExpression: again
      ? 'sequencer = :order'
      : 'sequencer = :order AND #status IN (:processing, :failed)',
    ExpressionAttributeNames: { ...names(Object.keys(facts)), ...names(forgotten) },
    ExpressionAttributeValues: {
      ...values(facts),
      ...(declaredType !== undefined && { ':declaredType': declaredType }),
      ...(!again && { ':processing': 'processing', ':failed': 'failed' }),
      ':order': version.order,
      ':at': at,
    },
  };
}

export function failureUpdate(
  { tenant, fileId }: FileIdentity,
  version: UploadedVersion,
  reason: Reason,
  { at, now }: { readonly at: string; readonly now: number },
) {
  return {
    Key: { tenant, fileId },
    UpdateExpression:
      'SET #status = :failed, reason = :reason, updatedAt = :at REMOVE progress, worker, leaseUntil',
    ConditionExpression:
      'sequencer = :order AND #status = :processing AND (attribute_not_exists(leaseUntil) OR leaseUntil < :now)',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: {
      ':order': version.order,
      ':now': now,
      ':processing': 'processing',
      ':failed': 'failed',
      ':reason': reason,
      ':at': at,
    },
  };
}

/** What the API wrote when it announced the upload counts more. */
function declared(declaredType: string | undefined): string[] {
  return declaredType === undefined
    ? []
    : ['declaredType = if_not_exists(declaredType, :declaredType)'];
}

/** DynamoDB refuses an empty map of names. */
const notEmpty = (attributeNames: Record<string, string>) =>
  Object.keys(attributeNames).length > 0 ? { ExpressionAttributeNames: attributeNames } : {};

const removed = (attributes: readonly string[]) =>
  attributes.map((attribute) => `#${attribute}`).join(', ');

const names = (attributes: readonly string[]) =>
  Object.fromEntries(attributes.map((attribute) => [`#${attribute}`, attribute]));

const values = (facts: object) =>
  Object.fromEntries(Object.entries(facts).map(([name, value]) => [`:${name}`, value]));
