import {
  type FileItem,
  type PartRequest,
  type PartTicket,
  ProblemError,
  type UploadResource,
} from '@millrace/types';
import { checksumAlgorithmOf, requireAlgorithm } from './checksums.ts';
import type { UploadPorts } from './create-upload.ts';
import { fileOf } from './file-resource.ts';
import { planParts } from './part-plan.ts';
import type { StoredPart, Uploads } from './ports.ts';
import { expired, expiryOf, UPLOAD_URL_SECONDS } from './upload-expiry.ts';

interface Asked {
  readonly tenant: string;
  readonly fileId: string;
  readonly now: number;
}

/**
 * What has arrived of an upload, as S3 tells it: a client that has forgotten everything but the
 * file's id can go on.
 *
 * @throws ProblemError file_not_found, upload_expired
 */
export async function readUpload(
  { tenant, fileId, now }: Asked,
  { files, uploads }: UploadPorts,
): Promise<UploadResource> {
  const item = await fileOf(files, tenant, fileId);
  const { status, size = 0 } = item;
  const upload =
    status === 'awaiting-upload' ? await openUpload({ ...item, size }, uploads, now) : undefined;
  return { fileId, status, size, ...(upload && { upload }) };
}

type Sized = FileItem & { readonly size: number };

async function openUpload(
  item: Sized,
  uploads: Uploads,
  now: number,
): Promise<UploadResource['upload']> {
  const { key, uploadId } = item;
  const stored = uploadId === undefined ? undefined : await uploads.parts(key, uploadId);
  if (stored) return multipartUpload(item, stored);
  // All bytes are one object by now, of which file-processing has not heard yet.
  if (await uploads.find(key)) return undefined;
  if (uploadId !== undefined) throw expired();
  const { declaredType: type = 'application/octet-stream', size, checksum } = item;
  const { url, headers } = await uploads.signPut(key, { type, size, checksum }, UPLOAD_URL_SECONDS);
  return {
    kind: 'single',
    method: 'PUT',
    url,
    headers: { ...headers },
    expiresAt: expiryOf(now),
  };
}

function multipartUpload(item: Sized, stored: readonly StoredPart[]): UploadResource['upload'] {
  const { partSize, sizes } = planParts(item.size);
  const received = stored.map((part) => ({ ...part }));
  const numbers = new Set(received.map(({ partNumber }) => partNumber));
  return {
    kind: 'multipart',
    partSize,
    checksumAlgorithm: checksumAlgorithmOf(item),
    receivedBytes: received.reduce((sum, { size }) => sum + size, 0),
    received,
    missing: sizes.map((_, index) => index + 1).filter((number) => !numbers.has(number)),
  };
}

/**
 * Signs where parts go. A part that is there already may be sent again: the last one counts.
 *
 * @throws ProblemError file_not_found, invalid_request, upload_expired
 */
export async function signParts(
  { tenant, fileId, now, parts }: Asked & PartRequest,
  { files, uploads }: UploadPorts,
): Promise<PartTicket> {
  const item = await fileOf(files, tenant, fileId);
  const { key, uploadId } = item;
  if (item.status !== 'awaiting-upload') throw expired();
  if (uploadId === undefined) {
    throw invalid('{id}', 'is a single PUT; GET /uploads/{id} renews its URL');
  }
  if (!(await uploads.isOpen(key, uploadId))) throw expired();
  const { sizes } = planParts(item.size ?? 0);
  const signed = await Promise.all(
    parts.map(async ({ partNumber, checksum }, index) => {
      const size = sizes[partNumber - 1];
      if (size === undefined) {
        throw invalid(`/parts/${index}/partNumber`, `the file has ${sizes.length} parts`);
      }
      requireAlgorithm(item, checksum, `/parts/${index}/checksum`);
      const part = { uploadId, partNumber, size, checksum };
      const { url, headers } = await uploads.signPart(key, part, UPLOAD_URL_SECONDS);
      return { partNumber, size, url, headers: { ...headers } };
    }),
  );
  return { parts: signed, expiresAt: expiryOf(now) };
}

function invalid(path: string, message: string): ProblemError {
  return new ProblemError('invalid_request', 'These parts cannot be sent.', {
    violations: [{ path, message }],
  });
}
