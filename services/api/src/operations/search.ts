import type { Operations } from '@millrace/middleware/http';
import { type DocumentReader, documentOf } from '../domain/documents/document-resource.ts';
import { fileOf } from '../domain/files/file-resource.ts';
import type { FileStore } from '../domain/files/ports.ts';
import { type SearchPorts, searchFiles } from '../domain/search/search-files.ts';
import { similarPictures } from '../domain/search/similar-pictures.ts';

export interface SearchServices extends SearchPorts {
  readonly documents: DocumentReader & SearchPorts['documents'];
  readonly records: FileStore;
}

export function searchOperations({ records, ...services }: SearchServices) {
  return {
    async searchFiles({ caller: { tenant }, query }) {
      return { body: await searchFiles(tenant, query, services) };
    },
    async getDocument({ caller: { tenant }, params: { id } }) {
      return { body: await documentOf(services.documents, tenant, id) };
    },
    async listSimilarPictures({ caller: { tenant }, params: { id } }) {
      return { body: await similarPictures(await fileOf(records, tenant, id), services) };
    },
  } satisfies Operations;
}
