import { type BucketRequest, isoTime, owner, type S3Context } from './context.ts';
import { S3Error } from './errors.ts';
import {
  type KeyEncoder,
  keyEncoder,
  later,
  listPage,
  type Page,
  rollUp,
  showPrefixes,
  successor,
} from './listing.ts';
import { integerParameter } from './request.ts';
import { type S3Response, xmlResponse } from './response.ts';
import type { KeyRange, Version } from './version-table.ts';
import type { XmlValue } from './xml.ts';

const MAX_KEYS = 1000;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export function listObjectsV2(context: S3Context, request: BucketRequest): S3Response {
  const token = request.query('continuation-token');
  const startAfter = request.query('start-after') ?? '';
  const { page, encode, ...listing } = list(context, request, {
    after: token === undefined ? startAfter : decodeToken(token),
  });
  const showsOwner = request.query('fetch-owner') === 'true';
  return xmlResponse('ListBucketResult', {
    ...listing.echo,
    KeyCount: page.rows.length + page.commonPrefixes.length,
    ContinuationToken: token,
    NextContinuationToken: page.next ? encodeToken(lastEntry(page.next)) : undefined,
    StartAfter: startAfter === '' ? undefined : encode(startAfter),
    Contents: page.rows.map((version) => ({
      ...showVersion(version, encode),
      Owner: showsOwner ? owner(context) : undefined,
    })),
    CommonPrefixes: showPrefixes(page.commonPrefixes, encode),
  });
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html */
export function listObjectsV1(context: S3Context, request: BucketRequest): S3Response {
  const marker = request.query('marker') ?? '';
  const { page, encode, ...listing } = list(context, request, { after: marker });
  // Without a delimiter clients take the last key for the next marker.
  const showsNext = page.next && request.query('delimiter');
  return xmlResponse('ListBucketResult', {
    ...listing.echo,
    Marker: encode(marker),
    NextMarker: showsNext && page.next ? encode(lastEntry(page.next)) : undefined,
    Contents: page.rows.map((version) => ({
      ...showVersion(version, encode),
      Owner: owner(context),
    })),
    CommonPrefixes: showPrefixes(page.commonPrefixes, encode),
  });
}

function list(
  context: S3Context,
  request: BucketRequest,
  { after }: { after: string },
): { page: Page<Version>; encode: KeyEncoder; echo: Record<string, XmlValue> } {
  const bucket = context.buckets.require(request.bucket);
  const prefix = request.query('prefix') ?? '';
  const delimiter = request.query('delimiter') ?? '';
  const limits = { fallback: MAX_KEYS, minimum: 0, maximum: MAX_KEYS };
  const maxEntries = integerParameter(request, 'max-keys', limits);
  const encode = keyEncoder(request);
  const start = startOf(prefix, delimiter, after);
  const page = listPage({
    scan: (skipTo) =>
      context.versions.scanLatest(
        bucket.name,
        skipTo ? { from: skipTo, isFromIncluded: true, to: start.to } : start,
      ),
    keyOf: (version: Version) => version.key,
    prefix,
    delimiter,
    maxEntries,
  });
  const echo = {
    Name: bucket.name,
    Prefix: encode(prefix),
    Delimiter: delimiter === '' ? undefined : encode(delimiter),
    MaxKeys: maxEntries,
    EncodingType: request.query('encoding-type'),
    IsTruncated: page.next !== undefined,
  };
  return { page, encode, echo };
}

/** Where a listing of `prefix` starts that continues after the key or common prefix `after`. */
export function startOf(prefix: string, delimiter: string, after: string): KeyRange {
  const to = successor(prefix);
  const first = Buffer.from(prefix);
  const isCommonPrefix = after.startsWith(prefix) && rollUp(after, prefix, delimiter) === after;
  const behind = isCommonPrefix ? successor(after) : undefined;
  if (behind) return { from: later(behind, first), isFromIncluded: true, to };
  const from = Buffer.from(after);
  // An empty `after` excludes nothing; one before the prefix gives way to it.
  const startsAtPrefix = after === '' || Buffer.compare(from, first) < 0;
  return { from: startsAtPrefix ? first : from, isFromIncluded: startsAtPrefix, to };
}

function lastEntry(next: NonNullable<Page<Version>['next']>): string {
  return 'row' in next ? next.row.key : next.commonPrefix;
}

function encodeToken(entry: string): string {
  return Buffer.from(`1${entry}`).toString('base64url');
}

function decodeToken(token: string): string {
  const text = Buffer.from(token, 'base64url').toString();
  if (text.startsWith('1') && encodeToken(text.slice(1)) === token) return text.slice(1);
  throw new S3Error('InvalidArgument', {
    message: 'The continuation token provided is incorrect',
    details: { ArgumentName: 'continuation-token' },
  });
}

export function showVersion(version: Version, encode: KeyEncoder): Record<string, XmlValue> {
  return {
    Key: encode(version.key),
    LastModified: isoTime(version.modified),
    ETag: `"${version.etag}"`,
    ChecksumAlgorithm: version.checksum?.algorithm,
    ChecksumType: version.checksum?.type,
    Size: version.size,
    StorageClass: version.attributes['x-amz-storage-class'] ?? 'STANDARD',
  };
}
