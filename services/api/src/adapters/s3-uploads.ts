import {
  AbortMultipartUploadCommand,
  type ChecksumAlgorithm,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  NotFound,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { JoinResult, StoredPart, Uploads } from '../domain/files/ports.ts';
import { checksumHeader, checksumMember, readChecksum } from './s3-checksums.ts';

/**
 * The bucket `uploads`. The client must have `requestChecksumCalculation: 'WHEN_REQUIRED'`: else a
 * checksum of the empty body that is signed would be asked of the real one.
 */
export function s3Uploads(client: S3Client, bucket: string): Uploads {
  const at = (key: string) => ({ Bucket: bucket, Key: key });
  return {
    bucket,
    async signPut(key, { type, size, checksum }, expiresIn) {
      const command = new PutObjectCommand({
        ...at(key),
        ContentType: type,
        ContentLength: size,
        ...checksumMember(checksum),
      });
      const headers = { 'content-type': type, ...lengthHeader(size), ...checksumHeader(checksum) };
      return { url: await getSignedUrl(client, command, signedWith(headers, expiresIn)), headers };
    },
    async begin(key, contentType, algorithm) {
      const { UploadId } = await client.send(
        new CreateMultipartUploadCommand({
          ...at(key),
          ContentType: contentType,
          ChecksumAlgorithm: algorithm satisfies ChecksumAlgorithm,
          // Parts may then come without a checksum of their own, and the whole has one.
          ChecksumType: 'FULL_OBJECT',
        }),
      );
      if (UploadId === undefined) throw new TypeError('S3 began an upload without an id.');
      return UploadId;
    },
    async signPart(key, { uploadId, partNumber, size, checksum }, expiresIn) {
      const command = new UploadPartCommand({
        ...at(key),
        UploadId: uploadId,
        PartNumber: partNumber,
        ContentLength: size,
        ...checksumMember(checksum),
      });
      const headers = { ...lengthHeader(size), ...checksumHeader(checksum) };
      return { url: await getSignedUrl(client, command, signedWith(headers, expiresIn)), headers };
    },
    async isOpen(key, uploadId) {
      try {
        await client.send(new ListPartsCommand({ ...at(key), UploadId: uploadId, MaxParts: 1 }));
        return true;
      } catch (error) {
        if (nameOf(error) === 'NoSuchUpload') return false;
        throw error;
      }
    },
    async parts(key, uploadId) {
      try {
        return await storedParts(client, { ...at(key), UploadId: uploadId });
      } catch (error) {
        if (nameOf(error) === 'NoSuchUpload') return undefined;
        throw error;
      }
    },
    async join(key, uploadId, parts, checksum) {
      const command = new CompleteMultipartUploadCommand({
        ...at(key),
        UploadId: uploadId,
        MultipartUpload: {
          Parts: parts.map(({ partNumber, eTag }) => ({ PartNumber: partNumber, ETag: eTag })),
        },
        ...(checksum && { ...checksumMember(checksum), ChecksumType: 'FULL_OBJECT' }),
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
    async find(key) {
      try {
        const head = await client.send(
          new HeadObjectCommand({ ...at(key), ChecksumMode: 'ENABLED' }),
        );
        const checksum = readChecksum(head);
        return checksum ? { checksum } : {};
      } catch (error) {
        if (error instanceof NotFound) return undefined;
        throw error;
      }
    },
    async remove(key) {
      await client.send(new DeleteObjectCommand(at(key)));
    },
  };
}

/** Not by the SDK's paginator: it goes by the marker alone, which the last page has too, and never ends. */
async function storedParts(
  client: S3Client,
  upload: { readonly Bucket: string; readonly Key: string; readonly UploadId: string },
): Promise<StoredPart[]> {
  const parts: StoredPart[] = [];
  for (let PartNumberMarker: string | undefined; ; ) {
    const page = await client.send(new ListPartsCommand({ ...upload, PartNumberMarker }));
    for (const { PartNumber, ETag, Size, ...part } of page.Parts ?? []) {
      if (PartNumber === undefined || ETag === undefined || Size === undefined) continue;
      const checksum = readChecksum(part);
      parts.push({
        partNumber: PartNumber,
        eTag: ETag,
        size: Size,
        ...(checksum && { checksum }),
      });
    }
    if (page.IsTruncated !== true) return parts;
    PartNumberMarker = page.NextPartNumberMarker;
  }
}

const lengthHeader = (size: number) => ({ 'content-length': String(size) });

/**
 * These are signed as headers instead of being hoisted into the query: whoever sends other bytes
 * than announced breaks the signature, or S3 refuses them by their checksum.
 */
function signedWith(headers: Readonly<Record<string, string>>, expiresIn: number) {
  const names = new Set(Object.keys(headers));
  return { expiresIn, signableHeaders: names, unhoistableHeaders: names };
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
  if (name === 'BadDigest') return { kind: 'mismatch' };
  const reason = REFUSED[name];
  if (reason === undefined) throw error;
  return { kind: 'refused', reason };
}

function nameOf(error: unknown): string {
  return error instanceof S3ServiceException ? error.name : '';
}
