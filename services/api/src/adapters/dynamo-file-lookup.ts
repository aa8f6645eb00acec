import type { FileItem } from '@millrace/types';
import type { FileLookup } from '../domain/search/ports.ts';
import { batchGet } from './batch-get.ts';
import type { Table } from './tables.ts';

/** Table `files` (partition key `tenant`, sort key `fileId`), owned by file-processing. */
export function dynamoFileLookup(table: Table): FileLookup {
  return {
    async findAll(tenant, fileIds) {
      const keys = fileIds.map((fileId) => ({ tenant, fileId }));
      const items = await batchGet<FileItem>(table, keys, { isConsistent: true });
      return new Map(items.map((item) => [item.fileId, item]));
    },
  };
}
