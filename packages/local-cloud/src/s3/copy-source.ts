import { refuseTooLarge } from './body.ts';
import type { Bucket } from './bucket-table.ts';
import { type ChecksumAlgorithm, createDigester } from './checksums.ts';
import { isUnmodified, readConditions } from './conditions.ts';
import type { ObjectRequest, S3Context } from './context.ts';
import { S3Error } from './errors.ts';
import { findNamed } from './find-version.ts';
import type { ByteRange } from './ranges.ts';
import { decode } from './request.ts';
import type { Version } from './version-table.ts';

/**
 * The object that `x-amz-copy-source` names (`bucket/key?versionId=…`, URL-encoded), if the
 * `x-amz-copy-source-if-*` conditions hold.
 *
 * @throws S3Error InvalidArgument, PreconditionFailed, and those of `findNamed`
 */
export function findCopySource(
  context: S3Context,
  request: ObjectRequest,
): { bucket: Bucket; version: Version } {
  const header = request.header('x-amz-copy-source') ?? '';
  const [path = '', versionId] = header.split('?versionId=');
  const match = /^\/?([^/]+)\/(.+)$/s.exec(decode(path));
  const [, name, key] = match ?? [];
  if (name === undefined || key === undefined) {
    throw new S3Error('InvalidArgument', {
      message: 'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
      details: { ArgumentName: 'x-amz-copy-source', ArgumentValue: header },
    });
  }
  const bucket = context.buckets.require(name);
  const version = findNamed(
    context,
    bucket,
    key,
    versionId === undefined ? undefined : decode(versionId),
  );
  if (isUnmodified(version, readConditions(request, 'x-amz-copy-source-'))) {
    throw new S3Error('PreconditionFailed', {
      details: { Condition: 'x-amz-copy-source-If-None-Match or -If-Modified-Since' },
    });
  }
  return { bucket, version };
}

/** The header that names the version which was copied, where there are versions. */
export function sourceHeaders(bucket: Bucket, version: Version): Record<string, string> {
  return bucket.versioning === '' ? {} : { 'x-amz-copy-source-version-id': version.versionId };
}

export interface CopiedBytes {
  readonly file: string;
  readonly size: number;
  readonly md5: Buffer;
  readonly digest: Buffer;
}

/** Copies a range of a version into a file of its own. */
export async function copyBytes(
  context: S3Context,
  version: Version,
  { start, length }: ByteRange,
  algorithm: ChecksumAlgorithm,
): Promise<CopiedBytes> {
  refuseTooLarge(length);
  const md5 = createDigester('MD5');
  const digester = createDigester(algorithm);
  const source = context.content.read(version.segments, start, length);
  async function* digested() {
    for await (const chunk of source) {
      md5.update(chunk);
      digester.update(chunk);
      yield chunk;
    }
  }
  try {
    const file = await context.content.write(digested());
    return { file, size: length, md5: md5.digest(), digest: digester.digest() };
  } finally {
    await source.return(undefined);
  }
}
