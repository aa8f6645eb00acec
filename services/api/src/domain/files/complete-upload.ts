import { type FileItem, ProblemError } from '@millrace/types';
import type { UploadPorts } from './create-upload.ts';
import { fileOf } from './file-resource.ts';
import { planParts } from './part-plan.ts';
import type { UploadPart } from './ports.ts';

/**
 * Makes sure that all bytes are there; the parts of a multipart upload are joined. What happens to
 * them then is file-processing's business, which hears of the object by itself. May be repeated.
 *
 * @throws ProblemError file_not_found, upload_incomplete, invalid_request
 */
export async function completeUpload(
  request: {
    readonly tenant: string;
    readonly fileId: string;
    readonly parts?: readonly UploadPart[] | undefined;
  },
  ports: UploadPorts,
): Promise<FileItem> {
  const item = await fileOf(ports.files, request.tenant, request.fileId);
  // Any other state says that the object has been seen.
  if (item.status !== 'awaiting-upload') return item;
  if (item.uploadId !== undefined) await joinParts(item, item.uploadId, request.parts, ports);
  else if (!(await ports.uploads.exists(item.key))) throw notThere();
  return fileOf(ports.files, request.tenant, request.fileId);
}

async function joinParts(
  item: FileItem,
  uploadId: string,
  given: readonly UploadPart[] | undefined,
  { uploads }: UploadPorts,
): Promise<void> {
  if (given === undefined) {
    throw new ProblemError('invalid_request', 'A multipart upload is completed by its parts.', {
      violations: [{ path: '/parts', message: 'must hold the number and ETag of every part' }],
    });
  }
  const parts = [...given].sort((one, other) => one.partNumber - other.partNumber);
  requireAll(parts, planParts(item.size ?? 0).sizes.length);
  const result = await uploads.join(item.key, uploadId, parts);
  if (result.kind === 'refused') {
    throw incomplete(`${result.reason} Send the part again and complete with its new ETag.`);
  }
  // A repetition of a completion whose answer was lost finds the object instead of the parts.
  if (result.kind === 'unknown' && !(await uploads.exists(item.key))) throw notThere();
}

function requireAll(parts: readonly UploadPart[], count: number): void {
  const isAll =
    parts.length === count && parts.every(({ partNumber }, index) => partNumber === index + 1);
  if (!isAll) {
    throw incomplete(`The file has ${count} parts; all of them, each once, complete the upload.`);
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
