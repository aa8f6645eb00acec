import {
  type DocumentItem,
  type FileItem,
  type PassageItem,
  type PostingItem,
  passageKey,
  passagePartition,
  postingPartition,
  versionOfKey,
} from '@millrace/types';
import type { DocumentReader } from '../../src/domain/documents/document-resource.ts';
import type { DocumentLookup, FileLookup, SearchReader } from '../../src/domain/search/ports.ts';
import {
  type Described,
  documentSearchItemsOf,
  readyFile,
  type SearchItem,
  searchItemsOf,
} from './search-items.ts';

/** Held to the same contract tests as the table. */
export function memorySearchReader(items: readonly SearchItem[]): SearchReader {
  const listOf = (tenant: string, token: string) =>
    items
      .filter((item): item is PostingItem => item.pk === postingPartition(tenant, token))
      .toSorted((one, other) => (one.sk > other.sk ? -1 : 1));
  const byVersion = (list: readonly PostingItem[]) =>
    new Map(list.map(({ pk: _pk, sk, ...posting }) => [sk, posting]));
  return {
    async postings(tenant, token, limit) {
      const all = listOf(tenant, token);
      const read = all.slice(0, limit);
      const last = read.at(-1);
      return {
        postings: byVersion(read),
        ...(all.length > limit && last && { unreadBelow: last.sk }),
      };
    },
    postingsOf: async (tenant, token, keys) =>
      byVersion(listOf(tenant, token).filter(({ sk }) => keys.includes(sk))),
    passages: async (tenant, wanted) =>
      wanted.map(({ versionKey, number }) => {
        const { fileId, sequencer } = versionOfKey(versionKey);
        const pk = passagePartition(tenant, fileId);
        const sk = passageKey(sequencer, number);
        const found = items.find((item) => item.pk === pk && item.sk === sk);
        return (found as PassageItem | undefined)?.text;
      }),
  };
}

export function memoryFileLookup(files: readonly FileItem[]): FileLookup {
  return {
    findAll: async (tenant, ids) =>
      new Map(
        files
          .filter((file) => file.tenant === tenant && ids.includes(file.fileId))
          .map((file) => [file.fileId, file]),
      ),
  };
}

/** Held to the same contract tests as the table. */
export function memoryDocuments(items: readonly DocumentItem[]): DocumentReader & DocumentLookup {
  const ofTenant = (tenant: string) => items.filter((item) => item.tenant === tenant);
  return {
    find: async (tenant, id) => ofTenant(tenant).find(({ documentId }) => documentId === id),
    findAll: async (tenant, ids) =>
      new Map(
        ofTenant(tenant)
          .filter(({ documentId }) => ids.includes(documentId))
          .map(({ documentId, order, deleted, title, language }) => [
            documentId,
            {
              ...{ documentId, order },
              ...(deleted && { deleted }),
              ...(title !== undefined && { title }),
              ...(language !== undefined && { language }),
            },
          ]),
      ),
  };
}

/** Files that are ready and in the index, and documents. */
export function memorySearch(
  described: readonly Described[],
  documents: readonly DocumentItem[] = [],
) {
  return {
    index: memorySearchReader([
      ...described.flatMap(searchItemsOf),
      ...documents.flatMap(documentSearchItemsOf),
    ]),
    files: memoryFileLookup(described.map(readyFile)),
    documents: memoryDocuments(documents),
  };
}
