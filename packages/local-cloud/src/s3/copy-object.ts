import { readAttributes } from './attributes.ts';
import { type Checksum, checksumElements, DEFAULT_CHECKSUM, parseAlgorithm } from './checksums.ts';
import { writeConditions } from './conditions.ts';
import { commitContent, isoTime, type ObjectRequest, type S3Context } from './context.ts';
import { copyBytes, findCopySource, sourceHeaders } from './copy-source.ts';
import { S3Error } from './errors.ts';
import { versionHeaders } from './find-version.ts';
import { expirationHeader } from './lifecycle.ts';
import { type S3Response, xmlResponse } from './response.ts';
import { storeVersion } from './store-version.ts';
import { parseTagHeader } from './tagging.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
export async function copyObject(context: S3Context, request: ObjectRequest): Promise<S3Response> {
  context.buckets.require(request.bucket);
  const source = findCopySource(context, request);
  const replacesMetadata = directive(request, 'x-amz-metadata-directive');
  const replacesTags = directive(request, 'x-amz-tagging-directive');
  const isSame = source.version.bucket === request.bucket && source.version.key === request.key;
  if (isSame && source.version.isLatest && !replacesMetadata && !changesStorage(request)) {
    throw new S3Error('InvalidRequest', {
      message:
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    });
  }
  const given = readAttributes(request);
  const attributes = replacesMetadata ? given : source.version.attributes;
  const tags = replacesTags ? parseTagHeader(request.header('x-amz-tagging')) : source.version.tags;
  const conditions = writeConditions(context, request);
  const named = request.header('x-amz-checksum-algorithm');
  const algorithm = named
    ? parseAlgorithm(named)
    : (source.version.checksum?.algorithm ?? DEFAULT_CHECKSUM);

  const range = { start: 0, length: source.version.size };
  const copy = await copyBytes(context, source.version, range, algorithm);
  const checksum: Checksum = {
    algorithm,
    type: 'FULL_OBJECT',
    value: copy.digest.toString('base64'),
  };
  const object = {
    key: request.key,
    size: copy.size,
    etag: copy.md5.toString('hex'),
    attributes,
    tags,
    checksum,
    segments: [{ file: copy.file, size: copy.size }],
  };
  const { bucket, version } = commitContent(context, copy.file, (drop) =>
    storeVersion(context, request, drop, {
      bucket: request.bucket,
      object,
      event: 'ObjectCreated:Copy',
      conditions,
    }),
  );
  return xmlResponse(
    'CopyObjectResult',
    {
      LastModified: isoTime(version.modified),
      ETag: `"${version.etag}"`,
      ...checksumElements(checksum),
    },
    {
      ...sourceHeaders(source.bucket, source.version),
      ...versionHeaders(bucket, version),
      ...expirationHeader(bucket, version),
    },
  );
}

function changesStorage(request: ObjectRequest): boolean {
  return (
    request.header('x-amz-storage-class') !== undefined ||
    request.header('x-amz-server-side-encryption') !== undefined
  );
}

/** Whether the copy takes its metadata (or tags) from this request. @throws S3Error InvalidArgument */
function directive(request: ObjectRequest, header: string): boolean {
  const value = request.header(header)?.toUpperCase() ?? 'COPY';
  if (value === 'REPLACE' || value === 'COPY') return value === 'REPLACE';
  throw new S3Error('InvalidArgument', {
    message: `Unknown directive in ${header}.`,
    details: { ArgumentName: header, ArgumentValue: value },
  });
}
