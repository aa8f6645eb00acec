import { type BucketRequest, isoTime, owner, type S3Context } from './context.ts';
import { S3Error } from './errors.ts';
import { showVersion, startOf } from './list-objects.ts';
import { keyEncoder, listPage, showPrefixes } from './listing.ts';
import { integerParameter } from './request.ts';
import { type S3Response, xmlResponse } from './response.ts';
import { sequenceOf } from './store-version.ts';
import type { KeyRange, Version } from './version-table.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html */
export function listObjectVersions(context: S3Context, request: BucketRequest): S3Response {
  const bucket = context.buckets.require(request.bucket);
  const prefix = request.query('prefix') ?? '';
  const delimiter = request.query('delimiter') ?? '';
  const encode = keyEncoder(request);
  const limits = { fallback: 1000, minimum: 0, maximum: 1000 };
  const maxEntries = integerParameter(request, 'max-keys', limits);
  const start = startOfVersions(context, request, prefix, delimiter);
  const { rows, commonPrefixes, next } = listPage({
    scan: (skipTo) =>
      context.versions.scanAll(
        bucket.name,
        skipTo ? { from: skipTo, isFromIncluded: true, to: start.to } : start,
      ),
    keyOf: (version: Version) => version.key,
    prefix,
    delimiter,
    maxEntries,
  });
  const show = (version: Version) => ({
    VersionId: version.versionId,
    IsLatest: version.isLatest,
    Owner: owner(context),
  });
  return xmlResponse('ListVersionsResult', {
    Name: bucket.name,
    Prefix: encode(prefix),
    Delimiter: delimiter === '' ? undefined : encode(delimiter),
    KeyMarker: encode(request.query('key-marker') ?? ''),
    VersionIdMarker: request.query('version-id-marker') ?? '',
    NextKeyMarker: next && encode('row' in next ? next.row.key : next.commonPrefix),
    NextVersionIdMarker: next && 'row' in next ? next.row.versionId : undefined,
    MaxKeys: maxEntries,
    EncodingType: request.query('encoding-type'),
    IsTruncated: next !== undefined,
    Version: rows
      .filter(({ isDeleteMarker }) => !isDeleteMarker)
      .map((version) => ({ ...showVersion(version, encode), ...show(version) })),
    DeleteMarker: rows
      .filter(({ isDeleteMarker }) => isDeleteMarker)
      .map((version) => ({
        Key: encode(version.key),
        LastModified: isoTime(version.modified),
        ...show(version),
      })),
    CommonPrefixes: showPrefixes(commonPrefixes, encode),
  });
}

function startOfVersions(
  context: S3Context,
  request: BucketRequest,
  prefix: string,
  delimiter: string,
): KeyRange {
  const keyMarker = request.query('key-marker') ?? '';
  const versionIdMarker = request.query('version-id-marker') ?? '';
  const start = startOf(prefix, delimiter, keyMarker);
  if (versionIdMarker === '') return start;
  if (keyMarker === '') {
    throw new S3Error('InvalidArgument', {
      message: 'A version-id marker cannot be specified without a key marker.',
    });
  }
  const marker = context.versions.byId(request.bucket, keyMarker, versionIdMarker);
  // Whoever empties a bucket page by page has deleted the marker's version by now.
  const olderThan = marker?.seq ?? sequenceOf(versionIdMarker);
  return olderThan === undefined || start.isFromIncluded ? start : { ...start, olderThan };
}
