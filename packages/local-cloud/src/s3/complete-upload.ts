import { createHash } from 'node:crypto';
import { receiveText } from './body.ts';
import {
  CHECKSUM_ALGORITHMS,
  type Checksum,
  checksumElement,
  checksumElements,
  checksumHeader,
  combineChecksums,
} from './checksums.ts';
import { unquote, writeConditions } from './conditions.ts';
import { commit, type Drop, type ObjectRequest, type S3Context } from './context.ts';
import { S3Error } from './errors.ts';
import { versionHeaders } from './find-version.ts';
import { expirationHeader } from './lifecycle.ts';
import { type S3Response, xmlResponse } from './response.ts';
import { type NewObject, storeVersion } from './store-version.ts';
import type { Part, Upload } from './upload-table.ts';
import { uploadId } from './uploads.ts';
import { childrenOf, parseXml, textOf, type XmlElement } from './xml.ts';

const MIN_PART_BYTES = 5 * 1024 ** 2;

/**
 * Makes the parts one object. No byte moves: the object names the parts' files. A repeated request
 * (whose first answer was lost) gets the first answer again.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
 */
export async function completeMultipartUpload(
  context: S3Context,
  request: ObjectRequest,
): Promise<S3Response> {
  context.buckets.require(request.bucket);
  const conditions = writeConditions(context, request);
  const document = parseXml(await receiveDocument(request), 'CompleteMultipartUpload');
  const wanted = childrenOf(document, 'Part');
  return commit(context, (drop) => {
    const upload = context.uploads.find(request.bucket, request.key, uploadId(request));
    if (!upload) throw new S3Error('NoSuchUpload', { details: { UploadId: uploadId(request) } });
    if (upload.result !== undefined) return JSON.parse(upload.result);
    const object = assemble(context, request, upload, wanted, drop);
    const { bucket, version } = storeVersion(context, request, drop, {
      bucket: request.bucket,
      object,
      event: 'ObjectCreated:CompleteMultipartUpload',
      conditions,
    });
    const response = xmlResponse(
      'CompleteMultipartUploadResult',
      {
        Location: `http://${request.header('host')}${encodeURI(request.path)}`,
        Bucket: bucket.name,
        Key: version.key,
        ETag: `"${version.etag}"`,
        ...checksumElements(version.checksum),
      },
      { ...versionHeaders(bucket, version), ...expirationHeader(bucket, version) },
    );
    context.uploads.complete(upload.id, JSON.stringify(response), context.clock.now());
    return response;
  });
}

/** Here a checksum header speaks of the object that is to be, not of the request's body. */
function receiveDocument(request: ObjectRequest): Promise<string> {
  return receiveText({
    ...request,
    header: (name) => (name.startsWith('x-amz-checksum-') ? undefined : request.header(name)),
  });
}

function assemble(
  context: S3Context,
  request: ObjectRequest,
  upload: Upload,
  wanted: readonly XmlElement[],
  drop: Drop,
): NewObject {
  const stored = context.uploads.parts(upload.id);
  const parts = choose(upload, stored, wanted);
  checkSizes(parts);
  const checksum = combineChecksums(
    upload.algorithm,
    upload.checksumType,
    parts.map(({ digest, size }) => ({ digest: Buffer.from(digest, 'base64'), size })),
  );
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  checkWhole(request, checksum, size);
  const chosen = new Set(parts);
  drop(stored.filter((part) => !chosen.has(part)).map(({ file }) => file));
  const md5 = createHash('md5');
  for (const part of parts) md5.update(part.etag, 'hex');
  return {
    key: upload.key,
    size,
    etag: `${md5.digest('hex')}-${parts.length}`,
    attributes: upload.attributes,
    tags: upload.tags,
    checksum,
    segments: parts.map((part) => ({ file: part.file, size: part.size })),
  };
}

/** @throws S3Error MalformedXML, InvalidPartOrder, InvalidPart, InvalidRequest */
function choose(upload: Upload, stored: readonly Part[], wanted: readonly XmlElement[]): Part[] {
  if (wanted.length === 0 || wanted.length > 10_000) throw new S3Error('MalformedXML');
  const byNumber = new Map(stored.map((part) => [part.number, part]));
  let before = 0;
  return wanted.map((element) => {
    const number = Number(textOf(element, 'PartNumber') ?? Number.NaN);
    const etag = textOf(element, 'ETag');
    if (!Number.isInteger(number) || etag === undefined) throw new S3Error('MalformedXML');
    if (number <= before) throw new S3Error('InvalidPartOrder');
    before = number;
    const part = byNumber.get(number);
    const digest = textOf(element, checksumElement(upload.algorithm));
    requireDigest(upload, number, digest);
    if (!part || part.etag !== unquote(etag) || (digest ?? part.digest) !== part.digest) {
      throw new S3Error('InvalidPart', {
        details: { UploadId: upload.id, PartNumber: String(number), ETag: unquote(etag) },
      });
    }
    return part;
  });
}

function requireDigest(upload: Upload, number: number, digest: string | undefined): void {
  if (!upload.isChecksumExplicit || upload.checksumType !== 'COMPOSITE' || digest) return;
  throw new S3Error('InvalidRequest', {
    message: `The upload was created using a ${upload.algorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${number} in the request.`,
  });
}

/** @throws S3Error EntityTooSmall */
function checkSizes(parts: readonly Part[]): void {
  const small = parts.slice(0, -1).find(({ size }) => size < MIN_PART_BYTES);
  if (!small) return;
  throw new S3Error('EntityTooSmall', {
    details: {
      ETag: small.etag,
      MinSizeAllowed: String(MIN_PART_BYTES),
      ProposedSize: String(small.size),
      PartNumber: String(small.number),
    },
  });
}

/** @throws S3Error InvalidRequest, BadDigest */
function checkWhole(request: ObjectRequest, checksum: Checksum, size: number): void {
  const claimedSize = request.header('x-amz-mp-object-size');
  if (claimedSize !== undefined && Number(claimedSize) !== size) {
    throw new S3Error('InvalidRequest', {
      message: `The provided 'x-amz-mp-object-size' header value ${claimedSize} does not match what was computed: ${size}`,
    });
  }
  const type = request.header('x-amz-checksum-type');
  if (type !== undefined && type.toUpperCase() !== checksum.type) {
    throw new S3Error('BadDigest', {
      message: `The checksum type ${type} is not the ${checksum.type} that the upload was created with.`,
    });
  }
  const other = CHECKSUM_ALGORITHMS.find(
    (one) => one !== checksum.algorithm && request.header(checksumHeader(one)) !== undefined,
  );
  const claimed = request.header(checksumHeader(checksum.algorithm));
  if (other === undefined && (claimed === undefined || claimed === checksum.value)) return;
  throw new S3Error('BadDigest', {
    message: `The ${other ?? checksum.algorithm} you specified did not match the calculated checksum.`,
  });
}
