import {
  type FileFacts,
  type FileItem,
  type FileProgress,
  type FileResource,
  ProblemError,
} from '@millrace/types';
import { playlistPath } from './playlist.ts';
import type { FileStore, Media } from './ports.ts';

/** @throws ProblemError file_not_found, also where the file is another tenant's */
export async function fileOf(files: FileStore, tenant: string, fileId: string): Promise<FileItem> {
  const item = await files.find(tenant, fileId);
  if (item !== undefined) return item;
  throw new ProblemError('file_not_found', 'There is no file with this id.');
}

/** Only what was found good is given out: renditions of a file that is ready. */
export async function presentFile(item: FileItem, media: Media): Promise<FileResource> {
  const stored = item.status === 'ready' ? (item.renditions ?? []) : [];
  const renditions = await Promise.all(
    stored.map(async ({ bucket, key, ...shown }) => ({
      ...shown,
      url:
        playlistPath(item.fileId, { contentType: shown.contentType, key }) ??
        (await media.signGet({ bucket, key })),
    })),
  );
  const contentType = item.detectedType ?? item.declaredType;
  return {
    id: item.fileId,
    name: item.name,
    status: item.status,
    createdAt: item.createdAt,
    updatedAt: item.updatedAt,
    ...(contentType !== undefined && { contentType }),
    ...(item.size !== undefined && { size: item.size }),
    ...(item.kind !== undefined && { kind: item.kind }),
    progress: progressOf(item),
    ...factsOf(item),
    renditions,
    ...(item.reason && { reason: item.reason }),
  };
}

/** A file whose bytes have arrived is validated first; from then on file-processing tells. */
function progressOf({ status, progress }: FileItem): FileProgress {
  switch (status) {
    case 'processing':
      return progress ?? { stage: 'validating' };
    case 'ready':
      return { stage: 'done' };
    case 'rejected':
      return { stage: 'quarantined' };
    default:
      return { stage: status };
  }
}

function factsOf({ image, media, document, log, table }: FileItem): FileFacts {
  return {
    ...(image && { image }),
    ...(media && { media }),
    ...(document && { document }),
    ...(log && { log }),
    ...(table && { table }),
  };
}
