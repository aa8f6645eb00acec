import {
  type FileItem,
  newId,
  ProblemError,
  type UploadRequest,
  type UploadTicket,
} from '@millrace/types';
import { idOfRequest } from '../identifiers.ts';
import { checksumAlgorithmOf, requireOfWhole } from './checksums.ts';
import { planParts, SINGLE_UPLOAD_BYTES } from './part-plan.ts';
import type { FileStore, Uploads } from './ports.ts';
import { expiryOf, UPLOAD_URL_SECONDS } from './upload-expiry.ts';

/** What does not change when an announcement is repeated; its URLs are signed anew each time. */
export interface AnnouncedUpload {
  readonly fileId: string;
  readonly key: string;
  readonly uploadId?: string;
}

export interface UploadPorts {
  readonly files: FileStore;
  readonly uploads: Uploads;
}

/**
 * Records the file as awaiting its upload. With an Idempotency-Key the id derives from it, so that
 * an attempt after a crash goes on with what the first left; without one every call is a new file.
 *
 * @throws ProblemError idempotency_key_reused, invalid_request
 */
export async function announceUpload(
  request: UploadRequest,
  context: {
    readonly tenant: string;
    readonly idempotencyKey?: string | undefined;
    readonly now: number;
  },
  { files, uploads }: UploadPorts,
): Promise<AnnouncedUpload> {
  const { tenant, idempotencyKey, now } = context;
  const isSingle = request.size <= SINGLE_UPLOAD_BYTES;
  if (!isSingle) requireOfWhole(request.checksum);
  const fileId =
    idempotencyKey === undefined ? newId(now) : idOfRequest('file', tenant, idempotencyKey);
  const time = new Date(now).toISOString();
  const stored = await files.addOnce({
    tenant,
    fileId,
    name: request.fileName,
    bucket: uploads.bucket,
    key: `${tenant}/${fileId}/${request.fileName}`,
    status: 'awaiting-upload',
    createdAt: time,
    updatedAt: time,
    declaredType: request.contentType,
    size: request.size,
    ...(request.checksum && { checksum: request.checksum }),
  });
  requireSame(stored, request);
  if (isSingle) return { fileId, key: stored.key };
  const uploadId = stored.uploadId ?? (await beginOnce(stored, request, { files, uploads }));
  return { fileId, key: stored.key, uploadId };
}

function requireSame(stored: FileItem, request: UploadRequest): void {
  const isSame =
    stored.name === request.fileName &&
    stored.size === request.size &&
    stored.declaredType === request.contentType &&
    stored.checksum?.algorithm === request.checksum?.algorithm &&
    stored.checksum?.value === request.checksum?.value;
  if (isSame && stored.status === 'awaiting-upload') return;
  throw new ProblemError(
    'idempotency_key_reused',
    `This Idempotency-Key announced the file ${stored.fileId} before (${stored.status}); take a new key for a new upload.`,
  );
}

/** Two attempts side by side both begin a multipart upload; the first that is recorded is used. */
async function beginOnce(
  item: FileItem,
  request: UploadRequest,
  { files, uploads }: UploadPorts,
): Promise<string> {
  const mine = await uploads.begin(item.key, request.contentType, checksumAlgorithmOf(item));
  const kept = await files.keepUpload(item, mine);
  if (kept !== mine) await uploads.abort(item.key, mine);
  return kept;
}

/** Signs where the bytes go. */
export async function ticketFor(
  upload: AnnouncedUpload,
  request: UploadRequest,
  context: { readonly uploads: Uploads; readonly now: number },
): Promise<UploadTicket> {
  const { uploads, now } = context;
  const { fileId, key, uploadId } = upload;
  const expiresAt = expiryOf(now);
  if (uploadId === undefined) {
    const { contentType: type, size, checksum } = request;
    const { url, headers } = await uploads.signPut(
      key,
      { type, size, checksum },
      UPLOAD_URL_SECONDS,
    );
    return {
      fileId,
      upload: { kind: 'single', method: 'PUT', url, headers: { ...headers }, expiresAt },
    };
  }
  const { partSize, sizes } = planParts(request.size);
  const parts = await Promise.all(
    sizes.map(async (size, index) => {
      const part = { uploadId, partNumber: index + 1, size };
      const { url } = await uploads.signPart(key, part, UPLOAD_URL_SECONDS);
      return { partNumber: part.partNumber, url };
    }),
  );
  return { fileId, upload: { kind: 'multipart', partSize, parts, expiresAt } };
}
