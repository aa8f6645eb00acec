import { readAttributes } from './attributes.ts';
import { receiveBody } from './body.ts';
import { type Checksum, checksumHeaders, DEFAULT_CHECKSUM } from './checksums.ts';
import { writeConditions } from './conditions.ts';
import { commitContent, type ObjectRequest, type S3Context } from './context.ts';
import { versionHeaders } from './find-version.ts';
import { expirationHeader } from './lifecycle.ts';
import type { S3Response } from './response.ts';
import { storeVersion } from './store-version.ts';
import { parseTagHeader } from './tagging.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
export async function putObject(context: S3Context, request: ObjectRequest): Promise<S3Response> {
  context.buckets.require(request.bucket);
  const attributes = readAttributes(request);
  const tags = parseTagHeader(request.header('x-amz-tagging'));
  const conditions = writeConditions(context, request);
  const body = await receiveBody(
    request,
    (promised) => (promised ? [] : [DEFAULT_CHECKSUM]),
    context.content.write,
  );
  const algorithm = body.promised ?? DEFAULT_CHECKSUM;
  const checksum: Checksum = {
    algorithm,
    type: 'FULL_OBJECT',
    value: body.checksums.get(algorithm)?.toString('base64') ?? '',
  };
  const object = {
    key: request.key,
    size: body.size,
    etag: body.md5.toString('hex'),
    attributes,
    tags,
    checksum,
    segments: [{ file: body.result, size: body.size }],
  };
  const stored = commitContent(context, body.result, (drop) =>
    storeVersion(context, request, drop, {
      bucket: request.bucket,
      object,
      event: 'ObjectCreated:Put',
      conditions,
    }),
  );
  return {
    status: 200,
    headers: {
      etag: `"${stored.version.etag}"`,
      'x-amz-server-side-encryption': attributes['x-amz-server-side-encryption'],
      ...checksumHeaders(checksum),
      ...versionHeaders(stored.bucket, stored.version),
      ...expirationHeader(stored.bucket, stored.version),
    },
  };
}
