import { randomBytes } from 'node:crypto';
import type { Bucket } from './bucket-table.ts';
import { checkWrite, type WriteConditions } from './conditions.ts';
import { type Drop, emit, type S3Context } from './context.ts';
import type { S3Request } from './request.ts';
import { NULL_VERSION, type Version } from './version-table.ts';

export type NewObject = Pick<
  Version,
  'key' | 'size' | 'etag' | 'attributes' | 'tags' | 'checksum' | 'segments'
>;

/**
 * Makes `object` the latest version of its key and reports it. Only inside `commit`: the row, the
 * end of the version that it replaces and the event are one fact.
 *
 * @throws S3Error NoSuchBucket, and those of `checkWrite`
 */
export function storeVersion(
  context: S3Context,
  request: S3Request,
  drop: Drop,
  {
    bucket: bucketName,
    object,
    event,
    conditions,
  }: { bucket: string; object: NewObject; event: string; conditions: WriteConditions },
): { bucket: Bucket; version: Version } {
  const { versions } = context;
  // Asked again: the bucket may have gone while the body came in.
  const bucket = context.buckets.require(bucketName);
  checkWrite(object.key, versions.latest(bucketName, object.key), conditions);
  const seq = context.sequence();
  const version: Version = {
    ...object,
    bucket: bucketName,
    seq,
    versionId: newVersionId(bucket, seq),
    isLatest: true,
    isDeleteMarker: false,
    modified: context.clock.now(),
  };
  replaceVersion(context, drop, version);
  emit(context, request, {
    name: event,
    bucket: bucketName,
    key: object.key,
    seq: version.seq,
    size: object.size,
    eTag: object.etag,
    ...(bucket.versioning === 'Enabled' ? { versionId: version.versionId } : {}),
  });
  return { bucket, version };
}

/** Adds a version or a delete marker, in place of the one with the same id (the null version). */
export function replaceVersion(context: S3Context, drop: Drop, version: Version): void {
  const replaced = context.versions.byId(version.bucket, version.key, version.versionId);
  if (replaced) {
    context.versions.remove(replaced);
    drop(replaced.segments.map(({ file }) => file));
  }
  context.versions.add(version);
}

/** An id begins with the sequence number, so that a listing can go on after a version that is gone. */
export function newVersionId(bucket: Bucket, seq: number): string {
  if (bucket.versioning !== 'Enabled') return NULL_VERSION;
  const order = Buffer.alloc(8);
  order.writeBigUInt64BE(BigInt(seq));
  return Buffer.concat([order, randomBytes(16)]).toString('base64url');
}

/** The sequence number inside a version id; `undefined` for one that is not ours. */
export function sequenceOf(versionId: string): number | undefined {
  const bytes = Buffer.from(versionId, 'base64url');
  return bytes.length === 24 ? Number(bytes.readBigUInt64BE()) : undefined;
}
