import {
  comparableSequencer,
  documentIdOf,
  documentSearchId,
  type FileItem,
} from '@millrace/types';
import type { Current, FindCurrent } from './current-versions.ts';
import type { DocumentLookup, DocumentState, FileLookup } from './ports.ts';

export interface CurrentFile extends Current {
  readonly file: FileItem;
}

export interface CurrentDocument extends Current {
  readonly document: DocumentState;
}

/** Files that are ready. */
export function currentFiles(files: FileLookup): FindCurrent<CurrentFile> {
  return async (tenant, fileIds) => {
    const items = await files.findAll(tenant, fileIds);
    return new Map(
      [...items].flatMap(([id, file]) =>
        file.status === 'ready' && file.sequencer !== undefined
          ? [[id, { order: file.sequencer, file }] as const]
          : [],
      ),
    );
  };
}

/** Files that are ready, and documents that are not deleted. */
export function currentResults(lookups: {
  readonly files: FileLookup;
  readonly documents: DocumentLookup;
}): FindCurrent<CurrentFile | CurrentDocument> {
  const findFiles = currentFiles(lookups.files);
  return async (tenant, searchIds) => {
    const fileIds = searchIds.filter((id) => documentIdOf(id) === undefined);
    const [files, documents] = await Promise.all([
      findFiles(tenant, fileIds),
      lookups.documents.findAll(
        tenant,
        searchIds.flatMap((id) => documentIdOf(id) ?? []),
      ),
    ]);
    const results = new Map<string, CurrentFile | CurrentDocument>(files);
    for (const [documentId, document] of documents) {
      if (document.deleted) continue;
      const order = comparableSequencer(document.order);
      results.set(documentSearchId(documentId), { order, document });
    }
    return results;
  };
}
