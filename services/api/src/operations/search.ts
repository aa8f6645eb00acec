import type { Operations } from '@millrace/middleware/http';
import { fileOf } from '../domain/files/file-resource.ts';
import type { FileStore } from '../domain/files/ports.ts';
import type { FileLookup, SearchReader } from '../domain/search/ports.ts';
import { searchFiles } from '../domain/search/search-files.ts';
import { similarPictures } from '../domain/search/similar-pictures.ts';

export interface SearchServices {
  readonly index: SearchReader;
  readonly files: FileLookup;
  readonly records: FileStore;
}

export function searchOperations({ records, ...services }: SearchServices) {
  return {
    async searchFiles({ caller: { tenant }, query }) {
      return { body: await searchFiles(tenant, query, services) };
    },
    async listSimilarPictures({ caller: { tenant }, params: { id } }) {
      return { body: await similarPictures(await fileOf(records, tenant, id), services) };
    },
  } satisfies Operations;
}
