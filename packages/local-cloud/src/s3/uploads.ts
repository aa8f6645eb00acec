import { randomBytes } from 'node:crypto';
import { readAttributes } from './attributes.ts';
import {
  type ChecksumAlgorithm,
  type ChecksumType,
  checksumElement,
  DEFAULT_CHECKSUM,
  parseAlgorithm,
} from './checksums.ts';
import {
  type BucketRequest,
  commit,
  isoTime,
  type ObjectRequest,
  owner,
  type S3Context,
} from './context.ts';
import { S3Error } from './errors.ts';
import { keyEncoder, listPage, showPrefixes, successor } from './listing.ts';
import { integerParameter, type S3Request } from './request.ts';
import { type S3Response, xmlResponse } from './response.ts';
import { parseTagHeader } from './tagging.ts';
import type { Upload } from './upload-table.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html */
export function createMultipartUpload(context: S3Context, request: ObjectRequest): S3Response {
  context.buckets.require(request.bucket);
  const named = request.header('x-amz-checksum-algorithm');
  const algorithm = named === undefined ? DEFAULT_CHECKSUM : parseAlgorithm(named);
  const checksumType = readChecksumType(request, algorithm);
  const upload: Omit<Upload, 'result'> = {
    id: randomBytes(48).toString('base64url'),
    bucket: request.bucket,
    key: request.key,
    initiated: context.clock.now(),
    seq: 0,
    attributes: readAttributes(request),
    tags: parseTagHeader(request.header('x-amz-tagging')),
    algorithm,
    checksumType,
    isChecksumExplicit: named !== undefined,
  };
  commit(context, () => context.uploads.add({ ...upload, seq: context.sequence() }));
  return xmlResponse(
    'InitiateMultipartUploadResult',
    { Bucket: upload.bucket, Key: upload.key, UploadId: upload.id },
    named === undefined
      ? {}
      : { 'x-amz-checksum-algorithm': algorithm, 'x-amz-checksum-type': checksumType },
  );
}

/** SHA checksums of parts cannot be combined; CRC-64/NVME always is. @throws S3Error InvalidRequest */
function readChecksumType(request: S3Request, algorithm: ChecksumAlgorithm): ChecksumType {
  const fallback = algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE';
  const type = request.header('x-amz-checksum-type')?.toUpperCase() ?? fallback;
  const isPossible =
    type === 'COMPOSITE'
      ? algorithm !== 'CRC64NVME'
      : type === 'FULL_OBJECT' && !algorithm.startsWith('SHA');
  if (isPossible) return type as ChecksumType;
  throw new S3Error('InvalidRequest', {
    message: `The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
  });
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html */
export function abortMultipartUpload(context: S3Context, request: ObjectRequest): S3Response {
  commit(context, (drop) => {
    context.buckets.require(request.bucket);
    const upload = context.uploads.requireOpen(request.bucket, request.key, uploadId(request));
    drop(context.uploads.parts(upload.id).map(({ file }) => file));
    context.uploads.remove(upload.id);
  });
  return { status: 204 };
}

export function uploadId(request: ObjectRequest): string {
  return request.query('uploadId') ?? '';
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html */
export function listParts(context: S3Context, request: ObjectRequest): S3Response {
  context.buckets.require(request.bucket);
  const upload = context.uploads.requireOpen(request.bucket, request.key, uploadId(request));
  const limits = { fallback: 1000, minimum: 0, maximum: 1000 };
  const maxParts = integerParameter(request, 'max-parts', limits);
  const marker = integerParameter(request, 'part-number-marker', {
    fallback: 0,
    minimum: 0,
    maximum: 10_000,
  });
  const left = context.uploads.parts(upload.id).filter(({ number }) => number > marker);
  const parts = left.slice(0, maxParts);
  return xmlResponse('ListPartsResult', {
    Bucket: upload.bucket,
    Key: keyEncoder(request)(upload.key),
    UploadId: upload.id,
    Initiator: owner(context),
    Owner: owner(context),
    StorageClass: 'STANDARD',
    ChecksumAlgorithm: upload.isChecksumExplicit ? upload.algorithm : undefined,
    ChecksumType: upload.isChecksumExplicit ? upload.checksumType : undefined,
    PartNumberMarker: marker,
    NextPartNumberMarker: parts.at(-1)?.number ?? 0,
    MaxParts: maxParts,
    IsTruncated: left.length > parts.length,
    Part: parts.map((part) => ({
      PartNumber: part.number,
      LastModified: isoTime(part.modified),
      ETag: `"${part.etag}"`,
      Size: part.size,
      [checksumElement(upload.algorithm)]: part.digest,
    })),
  });
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html */
export function listMultipartUploads(context: S3Context, request: BucketRequest): S3Response {
  const bucket = context.buckets.require(request.bucket);
  const prefix = request.query('prefix') ?? '';
  const delimiter = request.query('delimiter') ?? '';
  const encode = keyEncoder(request);
  const limits = { fallback: 1000, minimum: 1, maximum: 1000 };
  const maxEntries = integerParameter(request, 'max-uploads', limits);
  const keyMarker = request.query('key-marker') ?? '';
  const idMarker = request.query('upload-id-marker') ?? '';
  const { rows, commonPrefixes, next } = listPage({
    scan: (skipTo) =>
      after(
        context.uploads.scanOpen(bucket.name, skipTo ?? Buffer.from(prefix), successor(prefix)),
        keyMarker,
        idMarker,
      ),
    keyOf: (upload: Upload) => upload.key,
    prefix,
    delimiter,
    maxEntries,
  });
  return xmlResponse('ListMultipartUploadsResult', {
    Bucket: bucket.name,
    KeyMarker: encode(keyMarker),
    UploadIdMarker: idMarker,
    NextKeyMarker: next && encode('row' in next ? next.row.key : next.commonPrefix),
    NextUploadIdMarker: next && 'row' in next ? next.row.id : undefined,
    Prefix: encode(prefix),
    Delimiter: delimiter === '' ? undefined : encode(delimiter),
    EncodingType: request.query('encoding-type'),
    MaxUploads: maxEntries,
    IsTruncated: next !== undefined,
    Upload: rows.map((upload) => ({
      Key: encode(upload.key),
      UploadId: upload.id,
      Initiator: owner(context),
      Owner: owner(context),
      StorageClass: 'STANDARD',
      Initiated: isoTime(upload.initiated),
    })),
    CommonPrefixes: showPrefixes(commonPrefixes, encode),
  });
}

/** Leaves away what comes up to the markers, in the order of the listing. */
function* after(uploads: Iterable<Upload>, keyMarker: string, idMarker: string): Generator<Upload> {
  const marker = Buffer.from(keyMarker);
  let isMarkerPassed = false;
  for (const upload of uploads) {
    const order = Buffer.compare(Buffer.from(upload.key), marker);
    const isAfter = order > 0 || (order === 0 && idMarker !== '' && isMarkerPassed);
    if (order === 0 && upload.id === idMarker) isMarkerPassed = true;
    if (keyMarker === '' || isAfter) yield upload;
  }
}
