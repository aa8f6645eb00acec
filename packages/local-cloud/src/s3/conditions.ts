import type { ObjectRequest, S3Context } from './context.ts';
import { S3Error } from './errors.ts';
import type { S3Request } from './request.ts';
import type { Version } from './version-table.ts';

interface ReadConditions {
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly ifModifiedSince: string | undefined;
  readonly ifUnmodifiedSince: string | undefined;
}

/** `prefix` is `x-amz-copy-source-` for the source of a copy. */
export function readConditions(request: S3Request, prefix = ''): ReadConditions {
  return {
    ifMatch: request.header(`${prefix}if-match`),
    ifNoneMatch: request.header(`${prefix}if-none-match`),
    ifModifiedSince: request.header(`${prefix}if-modified-since`),
    ifUnmodifiedSince: request.header(`${prefix}if-unmodified-since`),
  };
}

/**
 * Whether the reader already has what is stored. An entity tag counts for more than a date
 * (RFC 9110, 13.2.2), as S3 documents for GetObject.
 *
 * @throws S3Error PreconditionFailed
 */
export function isUnmodified(version: Version, conditions: ReadConditions): boolean {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions;
  if (ifMatch !== undefined) {
    if (!matches(version.etag, ifMatch)) throw failed('If-Match');
  } else if (isDate(ifUnmodifiedSince) && seconds(version) > Date.parse(ifUnmodifiedSince)) {
    throw failed('If-Unmodified-Since');
  }
  if (ifNoneMatch !== undefined) return matches(version.etag, ifNoneMatch);
  return isDate(ifModifiedSince) && seconds(version) <= Date.parse(ifModifiedSince);
}

/** What the writer demands of the object that is there. */
export interface WriteConditions {
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
  /** There was an object when the request began; of interest to `ifMatch` only. */
  readonly existedBefore: boolean;
}

/**
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 *
 * @throws S3Error NotImplemented for what S3 refuses as well
 */
export function writeConditions({ versions }: S3Context, request: ObjectRequest): WriteConditions {
  const ifMatch = request.header('if-match');
  const ifNoneMatch = request.header('if-none-match');
  const isRefused = ifMatch === '*' || (ifNoneMatch !== undefined && ifNoneMatch !== '*');
  if (isRefused || (ifMatch !== undefined && ifNoneMatch !== undefined)) {
    throw new S3Error('NotImplemented', {
      details: { Header: ifNoneMatch === undefined ? 'If-Match' : 'If-None-Match' },
    });
  }
  const existedBefore =
    ifMatch !== undefined && exists(versions.latest(request.bucket, request.key));
  return { ifMatch, ifNoneMatch, existedBefore };
}

/**
 * To be asked inside the transaction that writes: of many racers exactly one then passes.
 *
 * @throws S3Error PreconditionFailed, NoSuchKey, ConditionalRequestConflict (deleted meanwhile)
 */
export function checkWrite(
  key: string,
  current: Version | undefined,
  { ifMatch, ifNoneMatch, existedBefore }: WriteConditions,
): void {
  if (ifNoneMatch !== undefined && exists(current)) throw failed('If-None-Match');
  if (ifMatch === undefined) return;
  if (!current || current.isDeleteMarker) {
    if (existedBefore) throw new S3Error('ConditionalRequestConflict', { details: { Key: key } });
    throw new S3Error('NoSuchKey', { details: { Key: key } });
  }
  if (!matches(current.etag, ifMatch)) throw failed('If-Match');
}

/** @throws S3Error PreconditionFailed, NoSuchKey */
export function checkDelete(
  key: string,
  current: Version | undefined,
  ifMatch: string | undefined,
): void {
  if (ifMatch === undefined) return;
  if (!current || current.isDeleteMarker) throw new S3Error('NoSuchKey', { details: { Key: key } });
  if (!matches(current.etag, ifMatch)) throw failed('If-Match');
}

function exists(version: Version | undefined): boolean {
  return version !== undefined && !version.isDeleteMarker;
}

export function unquote(etag: string): string {
  return etag
    .trim()
    .replace(/^W\//, '')
    .replace(/^"(.*)"$/, '$1');
}

function matches(etag: string, list: string): boolean {
  return list
    .split(',')
    .map(unquote)
    .some((candidate) => candidate === '*' || candidate === etag);
}

/** An unreadable date is no condition (RFC 9110, 13.1.3). */
function isDate(text: string | undefined): text is string {
  return text !== undefined && !Number.isNaN(Date.parse(text));
}

/** HTTP dates have no fraction. */
function seconds(version: Version): number {
  return Math.floor(version.modified / 1000) * 1000;
}

function failed(condition: string): S3Error {
  return new S3Error('PreconditionFailed', { details: { Condition: condition } });
}
