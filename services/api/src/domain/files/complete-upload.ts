import { type Checksum, type FileItem, ProblemError } from '@millrace/types';
import { mismatch, requireAlgorithm } from './checksums.ts';
import type { UploadPorts } from './create-upload.ts';
import { fileOf } from './file-resource.ts';
import { planParts } from './part-plan.ts';
import type { StoredPart, UploadPart, Uploads } from './ports.ts';

/**
 * Makes sure that all bytes are there and are those of the checksum; the parts of a multipart upload
 * are joined. What happens to them then is file-processing's business, which hears of the object by
 * itself. May be repeated.
 *
 * @throws ProblemError file_not_found, upload_incomplete, invalid_request, checksum_mismatch
 */
export async function completeUpload(
  request: {
    readonly tenant: string;
    readonly fileId: string;
    /** Those that S3 has where none are named. */
    readonly parts?: readonly UploadPart[] | undefined;
    readonly checksum?: Checksum | undefined;
  },
  { files, uploads }: UploadPorts,
): Promise<FileItem> {
  const { tenant, fileId, parts } = request;
  const item = await fileOf(files, tenant, fileId);
  const checksum = checksumFor(item, request.checksum);
  // Any other state says that the object has been seen.
  if (item.status !== 'awaiting-upload') {
    if (request.checksum !== undefined) await requireObject(item, checksum, uploads);
    return item;
  }
  if (item.uploadId !== undefined) {
    await joinParts(item, item.uploadId, parts, checksum, uploads);
  } else await requireObject(item, checksum, uploads);
  return fileOf(files, tenant, fileId);
}

function checksumFor(item: FileItem, given: Checksum | undefined): Checksum | undefined {
  requireAlgorithm(item, given, '/checksum');
  if (given && item.checksum && given.value !== item.checksum.value) throw mismatch();
  return given ?? item.checksum;
}

async function requireObject(
  { key }: FileItem,
  checksum: Checksum | undefined,
  uploads: Uploads,
): Promise<void> {
  const stored = await uploads.find(key);
  if (stored === undefined) throw notThere();
  if (checksum !== undefined && stored.checksum?.value !== checksum.value) throw mismatch();
}

async function joinParts(
  item: FileItem,
  uploadId: string,
  given: readonly UploadPart[] | undefined,
  checksum: Checksum | undefined,
  uploads: Uploads,
): Promise<void> {
  const { sizes } = planParts(item.size ?? 0);
  const parts = given ?? (await uploads.parts(item.key, uploadId));
  // A repetition of a completion whose answer was lost finds the object instead of the parts.
  if (parts === undefined) return requireObject(item, checksum, uploads);
  const ordered = parts.toSorted((one, other) => one.partNumber - other.partNumber);
  requireAll(ordered, sizes);
  const result = await uploads.join(item.key, uploadId, ordered, checksum);
  if (result.kind === 'mismatch') throw mismatch();
  if (result.kind === 'refused') {
    throw incomplete(`${result.reason} Send the part again and complete with its new ETag.`);
  }
  if (result.kind === 'unknown') await requireObject(item, checksum, uploads);
}

function requireAll(parts: readonly (UploadPart | StoredPart)[], sizes: readonly number[]): void {
  const isAll =
    parts.length === sizes.length &&
    parts.every(
      (part, index) =>
        part.partNumber === index + 1 && (!('size' in part) || part.size === sizes[index]),
    );
  if (!isAll) {
    throw incomplete(
      `The file has ${sizes.length} parts; all of them, each once, complete the upload. GET /uploads/{id} lists those that are missing.`,
    );
  }
}

function notThere(): ProblemError {
  return incomplete(
    'The bytes are not there. Send them to the URL of the upload, and announce the file again where that has expired.',
  );
}

function incomplete(detail: string): ProblemError {
  return new ProblemError('upload_incomplete', detail);
}
