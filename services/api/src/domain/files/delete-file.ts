import { fileOf } from './file-resource.ts';
import type { FileStore, Uploads } from './ports.ts';

/**
 * Deletes the upload. What was made of it, its record and a quarantined copy are file-processing's,
 * which removes them when it hears that the object is gone. A file that was never uploaded has no
 * object to hear of, so its record is removed here. The record goes last: an attempt that dies can
 * be repeated.
 *
 * @throws ProblemError file_not_found
 */
export async function deleteFile(
  request: { readonly tenant: string; readonly fileId: string },
  { files, uploads }: { readonly files: FileStore; readonly uploads: Uploads },
): Promise<void> {
  const item = await fileOf(files, request.tenant, request.fileId);
  if (item.uploadId !== undefined) await uploads.abort(item.key, item.uploadId);
  await uploads.remove(item.key);
  await files.forgetAwaiting(item);
}
