import { randomUUID } from 'node:crypto';
import type { LakeStore } from '../ports.ts';
import type { Column, Row } from '../row.ts';
import type { DataFile } from './manifest.ts';
import { ParquetFileWriter } from './parquet-file.ts';
import type { SortedRows } from './sorted-rows.ts';
import type { KeyOf } from './table-layout.ts';

/** Where the files of a table's commits are, before `table=`. */
export const FILE_PREFIXES = ['compacted/', 'current/', 'removed/'] as const;
const DIGITS = 12;

/**
 * A new name, under the version that is to be committed with it. So who finds a file that no
 * manifest names can tell whether one still may: if there is a manifest of this version, none will.
 */
export function newFileKey(folder: string, version: number): string {
  return `${folder}/${String(version).padStart(DIGITS, '0')}-${randomUUID()}.parquet`;
}

/** The version that a file was written for. */
export function versionOfFile(key: string): number {
  const name = key.slice(key.lastIndexOf('/') + 1);
  return Number(name.slice(0, DIGITS));
}

/** Writes sorted rows to new files of about the size that is wanted. */
export async function writeFiles(
  store: LakeStore,
  rows: SortedRows,
  options: {
    readonly newKey: () => string;
    readonly columns: readonly Column[];
    readonly keyOf: KeyOf;
    readonly targetBytes: number;
  },
): Promise<DataFile[]> {
  const files: DataFile[] = [];
  let writer: ParquetFileWriter | undefined;
  try {
    for await (const piece of rows) {
      for (const row of piece) {
        writer ??= new ParquetFileWriter(store, options.newKey(), options.columns, options);
        await writer.add(row);
        if (writer.size < options.targetBytes) continue;
        files.push(await writer.finish());
        writer = undefined;
      }
    }
    if (writer) files.push(await writer.finish());
    return files;
  } catch (error) {
    await writer?.abort();
    throw error;
  }
}

/** Of rows with one key: the one that was there first, as an object of the intake has it. */
export const keepFirst = (one: Row): Row => one;
