import type { Bucket } from './bucket-table.ts';
import { type Drop, type EventOrigin, emit, type S3Context } from './context.ts';
import { newVersionId, replaceVersion } from './store-version.ts';
import type { Version } from './version-table.ts';

/** Who removes: its events are named after it. */
export interface Remover {
  readonly origin: EventOrigin;
  readonly event: 'ObjectRemoved' | 'LifecycleExpiration';
}

/** Removes a version for good and reports it. Only inside `commit`. */
export function removeVersion(
  context: S3Context,
  { origin, event }: Remover,
  drop: Drop,
  bucket: Bucket,
  version: Version,
): void {
  context.versions.remove(version);
  drop(version.segments.map(({ file }) => file));
  emit(context, origin, {
    name: `${event}:Delete`,
    bucket: bucket.name,
    key: version.key,
    seq: context.sequence(),
    ...(bucket.versioning === 'Enabled' ? { versionId: version.versionId } : {}),
  });
}

/** Makes a delete marker the latest version of the key and reports it. Only inside `commit`. */
export function addMarker(
  context: S3Context,
  { origin, event }: Remover,
  drop: Drop,
  bucket: Bucket,
  key: string,
): { versionId: string; isMarker: true } {
  const seq = context.sequence();
  const versionId = newVersionId(bucket, seq);
  replaceVersion(context, drop, {
    seq,
    bucket: bucket.name,
    key,
    versionId,
    isLatest: true,
    isDeleteMarker: true,
    modified: context.clock.now(),
    size: 0,
    etag: '',
    attributes: {},
    tags: {},
    checksum: undefined,
    segments: [],
  });
  emit(context, origin, {
    name: `${event}:DeleteMarkerCreated`,
    bucket: bucket.name,
    key,
    seq,
    ...(bucket.versioning === 'Enabled' ? { versionId } : {}),
  });
  return { versionId, isMarker: true };
}
