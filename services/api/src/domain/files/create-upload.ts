import {
  type FileItem,
  ProblemError,
  type UploadRequest,
  type UploadTicket,
} from '@millrace/types';
import { derivedId, newId } from '../identifiers.ts';
import { planParts, SINGLE_UPLOAD_BYTES } from './part-plan.ts';
import type { FileStore, Uploads } from './ports.ts';

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
 * @throws ProblemError idempotency_key_reused
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
  const fileId =
    idempotencyKey === undefined ? newId(now) : derivedId('file', tenant, idempotencyKey);
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
  });
  requireSame(stored, request);
  if (request.size <= SINGLE_UPLOAD_BYTES) return { fileId, key: stored.key };
  const uploadId = stored.uploadId ?? (await beginOnce(stored, request, { files, uploads }));
  return { fileId, key: stored.key, uploadId };
}

function requireSame(stored: FileItem, request: UploadRequest): void {
  const isSame = stored.name === request.fileName && stored.size === request.size;
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
  const mine = await uploads.begin(item.key, request.contentType);
  const kept = await files.keepUpload(item, mine);
  if (kept !== mine) await uploads.abort(item.key, mine);
  return kept;
}

/** Seconds that the URLs of an upload are good for. */
const UPLOAD_URL_SECONDS = 3600;

/** Signs where the bytes go. */
export async function ticketFor(
  upload: AnnouncedUpload,
  request: UploadRequest,
  context: { readonly uploads: Uploads; readonly now: number },
): Promise<UploadTicket> {
  const { uploads, now } = context;
  const { fileId, key, uploadId } = upload;
  const expiresAt = new Date(now + UPLOAD_URL_SECONDS * 1000).toISOString();
  if (uploadId === undefined) {
    const content = { type: request.contentType, size: request.size };
    const { url, headers } = await uploads.signPut(key, content, UPLOAD_URL_SECONDS);
    return {
      fileId,
      upload: { kind: 'single', method: 'PUT', url, headers: { ...headers }, expiresAt },
    };
  }
  const { partSize, sizes } = planParts(request.size);
  const parts = await Promise.all(
    sizes.map(async (size, index) => {
      const part = { uploadId, partNumber: index + 1, size };
      return {
        partNumber: part.partNumber,
        url: await uploads.signPart(key, part, UPLOAD_URL_SECONDS),
      };
    }),
  );
  return { fileId, upload: { kind: 'multipart', partSize, parts, expiresAt } };
}
