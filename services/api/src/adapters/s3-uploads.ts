import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  NotFound,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { JoinResult, Uploads } from '../domain/files/ports.ts';

/**
 * Signed as headers, not hoisted into the query: whoever sends other bytes than announced breaks
 * the signature. A part has no type of its own; the SDK would sign one that no client sends.
 */
const OF_AN_OBJECT = new Set(['content-type', 'content-length']);
const OF_A_PART = new Set(['content-length']);

/**
 * The bucket `uploads`. The client must have `requestChecksumCalculation: 'WHEN_REQUIRED'`: else a
 * checksum of the empty body that is signed would be asked of the real one.
 */
export function s3Uploads(client: S3Client, bucket: string): Uploads {
  const at = (key: string) => ({ Bucket: bucket, Key: key });
  return {
    bucket,
    async signPut(key, { type, size }, expiresIn) {
      const command = new PutObjectCommand({ ...at(key), ContentType: type, ContentLength: size });
      const url = await getSignedUrl(client, command, {
        expiresIn,
        signableHeaders: OF_AN_OBJECT,
      });
      return { url, headers: { 'content-type': type, 'content-length': String(size) } };
    },
    async begin(key, contentType) {
      const { UploadId } = await client.send(
        new CreateMultipartUploadCommand({ ...at(key), ContentType: contentType }),
      );
      if (UploadId === undefined) throw new TypeError('S3 began an upload without an id.');
      return UploadId;
    },
    signPart(key, { uploadId, partNumber, size }, expiresIn) {
      const command = new UploadPartCommand({
        ...at(key),
        UploadId: uploadId,
        PartNumber: partNumber,
        ContentLength: size,
      });
      return getSignedUrl(client, command, { expiresIn, signableHeaders: OF_A_PART });
    },
    async join(key, uploadId, parts) {
      const command = new CompleteMultipartUploadCommand({
        ...at(key),
        UploadId: uploadId,
        MultipartUpload: {
          Parts: parts.map(({ partNumber, eTag }) => ({ PartNumber: partNumber, ETag: eTag })),
        },
      });
      try {
        await client.send(command);
        return { kind: 'joined' };
      } catch (error) {
        return joinFailure(error);
      }
    },
    async abort(key, uploadId) {
      try {
        await client.send(new AbortMultipartUploadCommand({ ...at(key), UploadId: uploadId }));
      } catch (error) {
        if (nameOf(error) !== 'NoSuchUpload') throw error;
      }
    },
    async exists(key) {
      try {
        await client.send(new HeadObjectCommand(at(key)));
        return true;
      } catch (error) {
        if (error instanceof NotFound) return false;
        throw error;
      }
    },
    async remove(key) {
      await client.send(new DeleteObjectCommand(at(key)));
    },
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html */
const REFUSED: Readonly<Record<string, string>> = {
  InvalidPart: 'A part was not uploaded, or its ETag is another.',
  InvalidPartOrder: 'The parts are not in order.',
  EntityTooSmall: 'A part is smaller than 5 MiB.',
};

function joinFailure(error: unknown): JoinResult {
  const name = nameOf(error);
  if (name === 'NoSuchUpload') return { kind: 'unknown' };
  const reason = REFUSED[name];
  if (reason === undefined) throw error;
  return { kind: 'refused', reason };
}

function nameOf(error: unknown): string {
  return error instanceof S3ServiceException ? error.name : '';
}
