import { receiveText } from './body.ts';
import type { Bucket } from './bucket-table.ts';
import { checkDelete } from './conditions.ts';
import {
  type BucketRequest,
  commit,
  type Drop,
  type ObjectRequest,
  type S3Context,
} from './context.ts';
import { S3Error } from './errors.ts';
import { addMarker, type Remover, removeVersion } from './remove-version.ts';
import type { S3Request } from './request.ts';
import { type S3Response, xmlResponse } from './response.ts';
import { childrenOf, parseXml, textOf, type XmlValue } from './xml.ts';

interface Target {
  readonly key: string;
  readonly versionId: string | undefined;
  readonly ifMatch: string | undefined;
}

interface Deleted {
  /** The version that was removed or, with `isMarker`, the marker that was added or removed. */
  readonly versionId: string | undefined;
  readonly isMarker: boolean;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html */
export function deleteObject(context: S3Context, request: ObjectRequest): S3Response {
  const target = {
    key: request.key,
    versionId: request.query('versionId'),
    ifMatch: request.header('if-match'),
  };
  const { versionId, isMarker } = commit(context, (drop) =>
    deleteOne(context, request, drop, context.buckets.require(request.bucket), target),
  );
  return {
    status: 204,
    headers: {
      'x-amz-version-id': versionId,
      'x-amz-delete-marker': isMarker ? 'true' : undefined,
    },
  };
}

const MAX_DELETES = 1000;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
export async function deleteObjects(
  context: S3Context,
  request: BucketRequest,
): Promise<S3Response> {
  context.buckets.require(request.bucket);
  const document = parseXml(await receiveText(request), 'Delete');
  const targets = childrenOf(document, 'Object').map((object) => ({
    key: textOf(object, 'Key') ?? '',
    versionId: textOf(object, 'VersionId') || undefined,
    ifMatch: textOf(object, 'ETag') || undefined,
  }));
  if (targets.length === 0 || targets.length > MAX_DELETES) throw new S3Error('MalformedXML');
  const isQuiet = textOf(document, 'Quiet')?.trim() === 'true';
  const results = commit(context, (drop) => {
    const bucket = context.buckets.require(request.bucket);
    return targets.map((target) => tryDelete(context, request, drop, bucket, target));
  });
  return xmlResponse('DeleteResult', {
    Deleted: isQuiet ? [] : results.flatMap(({ deleted }) => deleted ?? []),
    Error: results.flatMap(({ error }) => error ?? []),
  });
}

/** A refusal concerns its object alone; any other failure undoes the whole request. */
function tryDelete(
  context: S3Context,
  request: S3Request,
  drop: Drop,
  bucket: Bucket,
  target: Target,
): { deleted?: XmlValue; error?: XmlValue } {
  const named = { Key: target.key, VersionId: target.versionId };
  try {
    const { versionId, isMarker } = deleteOne(context, request, drop, bucket, target);
    return {
      deleted: {
        ...named,
        DeleteMarker: isMarker ? true : undefined,
        DeleteMarkerVersionId: isMarker ? versionId : undefined,
      },
    };
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    return { error: { ...named, Code: error.code, Message: error.message } };
  }
}

/** Checks come before the first write, so that a refusal leaves nothing half done. */
function deleteOne(
  context: S3Context,
  request: S3Request,
  drop: Drop,
  bucket: Bucket,
  target: Target,
): Deleted {
  if (target.versionId !== undefined) {
    const version = context.versions.byId(bucket.name, target.key, target.versionId);
    checkDelete(target.key, version, target.ifMatch);
    if (version) removeVersion(context, byRequest(request), drop, bucket, version);
    return { versionId: target.versionId, isMarker: version?.isDeleteMarker === true };
  }
  const current = context.versions.latest(bucket.name, target.key);
  checkDelete(target.key, current, target.ifMatch);
  if (bucket.versioning !== '')
    return addMarker(context, byRequest(request), drop, bucket, target.key);
  if (current) removeVersion(context, byRequest(request), drop, bucket, current);
  return { versionId: undefined, isMarker: false };
}

const byRequest = (origin: S3Request): Remover => ({ origin, event: 'ObjectRemoved' });
