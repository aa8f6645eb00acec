import { receiveBody } from './body.ts';
import { type ChecksumAlgorithm, checksumElement, checksumHeader } from './checksums.ts';
import { commitContent, isoTime, type ObjectRequest, type S3Context } from './context.ts';
import { copyBytes, findCopySource, sourceHeaders } from './copy-source.ts';
import { S3Error } from './errors.ts';
import { parseCopyRange } from './ranges.ts';
import { type S3Response, xmlResponse } from './response.ts';
import type { Part, Upload } from './upload-table.ts';
import { uploadId } from './uploads.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html */
export async function uploadPart(context: S3Context, request: ObjectRequest): Promise<S3Response> {
  const { upload, number } = findTarget(context, request);
  const body = await receiveBody(
    request,
    (promised) => algorithmsFor(upload, promised),
    context.content.write,
  );
  const part = {
    number,
    file: body.result,
    size: body.size,
    etag: body.md5.toString('hex'),
    modified: context.clock.now(),
    digest: body.checksums.get(upload.algorithm)?.toString('base64') ?? '',
  };
  savePart(context, request, part);
  const shown = body.promised ?? upload.algorithm;
  return {
    status: 200,
    headers: {
      etag: `"${part.etag}"`,
      'x-amz-server-side-encryption': upload.attributes['x-amz-server-side-encryption'],
      [checksumHeader(shown)]: body.checksums.get(shown)?.toString('base64'),
    },
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html */
export async function uploadPartCopy(
  context: S3Context,
  request: ObjectRequest,
): Promise<S3Response> {
  const { upload, number } = findTarget(context, request);
  const source = findCopySource(context, request);
  const range = parseCopyRange(request.header('x-amz-copy-source-range'), source.version.size);
  const copy = await copyBytes(context, source.version, range, upload.algorithm);
  const part = {
    number,
    file: copy.file,
    size: copy.size,
    etag: copy.md5.toString('hex'),
    modified: context.clock.now(),
    digest: copy.digest.toString('base64'),
  };
  savePart(context, request, part);
  return xmlResponse(
    'CopyPartResult',
    {
      LastModified: isoTime(part.modified),
      ETag: `"${part.etag}"`,
      [checksumElement(upload.algorithm)]: part.digest,
    },
    sourceHeaders(source.bucket, source.version),
  );
}

function findTarget(
  context: S3Context,
  request: ObjectRequest,
): { upload: Upload; number: number } {
  context.buckets.require(request.bucket);
  const text = request.query('partNumber') ?? '';
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > 10_000) {
    throw new S3Error('InvalidArgument', {
      message: 'Part number must be an integer between 1 and 10000, inclusive',
      details: { ArgumentName: 'partNumber', ArgumentValue: text },
    });
  }
  return {
    upload: context.uploads.requireOpen(request.bucket, request.key, uploadId(request)),
    number,
  };
}

/** @throws S3Error InvalidRequest when the part's checksum is not the one the upload was begun with */
function algorithmsFor(
  upload: Upload,
  promised: ChecksumAlgorithm | undefined,
): ChecksumAlgorithm[] {
  const { isChecksumExplicit, checksumType } = upload;
  // The whole of the object's checksum can be had without the sender's ones of the parts.
  const isNeeded = promised !== undefined || checksumType === 'COMPOSITE';
  if (isChecksumExplicit && isNeeded && promised !== upload.algorithm) {
    throw new S3Error('InvalidRequest', {
      message: `Checksum Type mismatch occurred, expected checksum Type: ${upload.algorithm.toLowerCase()}, actual checksum Type: ${promised?.toLowerCase() ?? 'null'}`,
    });
  }
  return [upload.algorithm];
}

function savePart(context: S3Context, request: ObjectRequest, part: Part): void {
  commitContent(context, part.file, (drop) => {
    // Asked again: the upload may have been completed or aborted while the part came in.
    const upload = context.uploads.requireOpen(request.bucket, request.key, uploadId(request));
    const replaced = context.uploads.putPart(upload.id, part);
    if (replaced !== undefined) drop([replaced]);
  });
}
