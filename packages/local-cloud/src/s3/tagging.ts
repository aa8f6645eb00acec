import { receiveText } from './body.ts';
import type { Bucket } from './bucket-table.ts';
import { type BucketRequest, commit, emit, type ObjectRequest, type S3Context } from './context.ts';
import { S3Error } from './errors.ts';
import { findVersion, versionHeaders } from './find-version.ts';
import { type S3Response, xmlResponse } from './response.ts';
import { childrenOf, parseXml, textOf } from './xml.ts';

export type Tags = Readonly<Record<string, string>>;

const MAX_OBJECT_TAGS = 10;
const MAX_BUCKET_TAGS = 50;

/** Reads `x-amz-tagging`, which is written like a query string. @throws S3Error InvalidTag */
export function parseTagHeader(header: string | undefined): Tags {
  return checkTags([...new URLSearchParams(header ?? '')], MAX_OBJECT_TAGS);
}

/** @throws S3Error InvalidTag, BadRequest when there are too many */
export function checkTags(pairs: readonly (readonly [string, string])[], limit: number): Tags {
  const tags = new Map<string, string>();
  for (const [key, value] of pairs) {
    if (key === '' || key.length > 128 || value.length > 256) throw new S3Error('InvalidTag');
    if (tags.has(key)) {
      throw new S3Error('InvalidTag', {
        message: 'Cannot provide multiple Tags with the same key',
      });
    }
    tags.set(key, value);
  }
  if (tags.size > limit) {
    throw new S3Error('BadRequest', { message: `Object tags cannot be greater than ${limit}` });
  }
  return Object.fromEntries(tags);
}

async function receiveTags(request: BucketRequest, limit: number): Promise<Tags> {
  const document = parseXml(await receiveText(request), 'Tagging');
  const pairs = childrenOf(childrenOf(document, 'TagSet')[0], 'Tag').map(
    (tag) => [textOf(tag, 'Key') ?? '', textOf(tag, 'Value') ?? ''] as const,
  );
  return checkTags(pairs, limit);
}

function tagSet(tags: Tags, headers: Record<string, string | undefined> = {}): S3Response {
  const entries = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  return xmlResponse('Tagging', { TagSet: { Tag: entries } }, headers);
}

export function getObjectTagging(context: S3Context, request: ObjectRequest): S3Response {
  const { bucket, version } = findVersion(context, request);
  return tagSet(version.tags, versionHeaders(bucket, version));
}

export async function putObjectTagging(
  context: S3Context,
  request: ObjectRequest,
): Promise<S3Response> {
  const tags = await receiveTags(request, MAX_OBJECT_TAGS);
  return { status: 200, headers: saveObjectTags(context, request, tags, 'ObjectTagging:Put') };
}

export function deleteObjectTagging(context: S3Context, request: ObjectRequest): S3Response {
  return { status: 204, headers: saveObjectTags(context, request, {}, 'ObjectTagging:Delete') };
}

function saveObjectTags(
  context: S3Context,
  request: ObjectRequest,
  tags: Tags,
  event: string,
): Record<string, string> {
  return commit(context, () => {
    const { bucket, version } = findVersion(context, request);
    context.versions.setTags(version, tags);
    emit(context, request, {
      name: event,
      bucket: bucket.name,
      key: version.key,
      seq: context.sequence(),
      eTag: version.etag,
      ...(bucket.versioning === 'Enabled' ? { versionId: version.versionId } : {}),
    });
    return versionHeaders(bucket, version);
  });
}

export function getBucketTagging(context: S3Context, request: BucketRequest): S3Response {
  const { tags } = context.buckets.require(request.bucket);
  if (Object.keys(tags).length === 0) throw new S3Error('NoSuchTagSet');
  return tagSet(tags);
}

export async function putBucketTagging(
  context: S3Context,
  request: BucketRequest,
): Promise<S3Response> {
  saveBucketTags(context, request, await receiveTags(request, MAX_BUCKET_TAGS));
  return { status: 204 };
}

export function deleteBucketTagging(context: S3Context, request: BucketRequest): S3Response {
  saveBucketTags(context, request, {});
  return { status: 204 };
}

function saveBucketTags(context: S3Context, request: BucketRequest, tags: Tags): void {
  commit(context, () => {
    const bucket: Bucket = context.buckets.require(request.bucket);
    context.buckets.save({ ...bucket, tags });
  });
}
