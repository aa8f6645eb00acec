import { checksumHeaders } from './checksums.ts';
import { isUnmodified, readConditions } from './conditions.ts';
import type { ObjectRequest, S3Context } from './context.ts';
import { S3Error } from './errors.ts';
import { findVersion, versionHeaders } from './find-version.ts';
import { expirationHeader } from './lifecycle.ts';
import { type ByteRange, contentRange, parseRange } from './ranges.ts';
import { integerParameter } from './request.ts';
import type { S3Response } from './response.ts';
import type { Version } from './version-table.ts';

/** Query parameters that replace a response header. */
const OVERRIDES = [
  'content-type',
  'content-language',
  'expires',
  'cache-control',
  'content-disposition',
  'content-encoding',
];

/**
 * GetObject and HeadObject.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export function getObject(context: S3Context, request: ObjectRequest): S3Response {
  const { bucket, version } = findVersion(context, request);
  const validators = {
    etag: `"${version.etag}"`,
    'last-modified': new Date(version.modified).toUTCString(),
    ...versionHeaders(bucket, version),
  };
  if (isUnmodified(version, readConditions(request))) {
    return { status: 304, headers: validators };
  }
  const part = requestedPart(request, version);
  const range = part ?? parseRange(request.header('range'), version.size);
  const { start, length } = range ?? { start: 0, length: version.size };
  const headers = {
    ...version.attributes,
    ...overrides(request),
    ...validators,
    ...describe(request, version, range),
    ...expirationHeader(bucket, version),
    'accept-ranges': 'bytes',
    'content-length': String(length),
  };
  const status = range ? 206 : 200;
  if (request.method === 'HEAD') return { status, headers };
  return { status, headers, body: context.content.read(version.segments, start, length) };
}

function describe(
  request: ObjectRequest,
  version: Version,
  range: ByteRange | undefined,
): Record<string, string | undefined> {
  const tagCount = Object.keys(version.tags).length;
  const isWhole = !range || range.length === version.size;
  const showsChecksum = request.header('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED';
  const isMultipart = version.etag.includes('-');
  return {
    'x-amz-tagging-count': tagCount > 0 ? String(tagCount) : undefined,
    'content-range': range ? contentRange(range, version.size) : undefined,
    'x-amz-mp-parts-count':
      request.query('partNumber') !== undefined && isMultipart
        ? String(version.segments.length)
        : undefined,
    // The checksum is the whole object's: with a range a client would find its bytes wrong.
    ...(showsChecksum && isWhole ? checksumHeaders(version.checksum) : {}),
  };
}

function requestedPart(request: ObjectRequest, version: Version): ByteRange | undefined {
  if (request.query('partNumber') === undefined) return undefined;
  if (request.header('range') !== undefined) {
    throw new S3Error('InvalidRequest', {
      message: 'Cannot specify both Range header and partNumber query parameter',
    });
  }
  const number = integerParameter(request, 'partNumber', {
    fallback: 1,
    minimum: 1,
    maximum: 10_001,
  });
  const segment = version.segments[number - 1];
  if (!segment) {
    throw new S3Error('InvalidRange', {
      message: 'The requested partnumber is not satisfiable',
      details: {
        PartNumberRequested: String(number),
        ActualPartCount: String(version.segments.length),
      },
    });
  }
  // An empty object has no byte range to name.
  if (version.size === 0) return undefined;
  const start = version.segments.slice(0, number - 1).reduce((sum, { size }) => sum + size, 0);
  return { start, length: segment.size };
}

function overrides(request: ObjectRequest): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of OVERRIDES) {
    const value = request.query(`response-${name}`);
    // Header values are bytes; a text from the query goes out as UTF-8.
    if (value !== undefined) headers[name] = Buffer.from(value).toString('latin1');
  }
  return headers;
}
