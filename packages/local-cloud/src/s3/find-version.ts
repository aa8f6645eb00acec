import type { Bucket } from './bucket-table.ts';
import type { ObjectRequest, S3Context } from './context.ts';
import { S3Error } from './errors.ts';
import type { Version } from './version-table.ts';

/**
 * The object that a request names, by its `versionId` parameter or the latest.
 *
 * @throws S3Error NoSuchBucket, NoSuchKey, NoSuchVersion, MethodNotAllowed (a delete marker)
 */
export function findVersion(
  context: S3Context,
  request: ObjectRequest,
): { bucket: Bucket; version: Version } {
  const { bucket, key } = request;
  const found = context.buckets.require(bucket);
  return { bucket: found, version: findNamed(context, found, key, request.query('versionId')) };
}

export function findNamed(
  context: S3Context,
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
): Version {
  if (versionId === undefined) return findLatest(context, bucket, key);
  const version = context.versions.byId(bucket.name, key, versionId);
  if (!version) {
    throw new S3Error('NoSuchVersion', { details: { Key: key, VersionId: versionId } });
  }
  if (!version.isDeleteMarker) return version;
  throw new S3Error('MethodNotAllowed', {
    details: { ResourceType: 'DeleteMarker' },
    headers: {
      'x-amz-delete-marker': 'true',
      'last-modified': new Date(version.modified).toUTCString(),
      ...versionHeaders(bucket, version),
    },
  });
}

function findLatest(context: S3Context, bucket: Bucket, key: string): Version {
  const version = context.versions.latest(bucket.name, key);
  if (version && !version.isDeleteMarker) return version;
  throw new S3Error('NoSuchKey', {
    details: { Key: key },
    headers: version ? { 'x-amz-delete-marker': 'true', ...versionHeaders(bucket, version) } : {},
  });
}

/** A bucket that never had versioning shows no version ids. */
export function versionHeaders(bucket: Bucket, version: Version): Record<string, string> {
  return bucket.versioning === '' ? {} : { 'x-amz-version-id': version.versionId };
}
