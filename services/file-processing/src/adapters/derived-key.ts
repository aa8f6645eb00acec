import { comparableSequencer } from '@millrace/types';
import type { FileIdentity } from '../domain/file-identity.ts';
import type { ObjectChange } from '../domain/object-change.ts';

/** Everything that is derived of any version of a file lies below this. */
export function derivedPrefix({ tenant, fileId }: FileIdentity): string {
  return `${tenant}/${fileId}/`;
}

/** Where what is derived of one version lies. */
export function derivedKey(file: FileIdentity, { sequencer }: ObjectChange, name: string): string {
  return `${derivedPrefix(file)}${sequencer}/${name}`;
}

/** The version that a derived object was made of, comparable. */
export function orderOfDerived(key: string): string {
  return comparableSequencer(key.split('/')[2] ?? '');
}

/** Rows of uploaded files lie below this in the lake, a folder per table. */
export const LAKE_PREFIX = 'uploads/';

/** Where the rows of a file lie in a table of the lake: `uploads/<table>/` with Hive partitions. */
export function lakePrefix(table: string, { tenant, fileId }: FileIdentity): string {
  return `${LAKE_PREFIX}${table}/tenant=${tenant}/file=${fileId}/`;
}

export function lakeKey(file: FileIdentity, { sequencer }: ObjectChange, table: string): string {
  return `${lakePrefix(table, file)}version=${sequencer}/rows.parquet`;
}

/** The version that rows of the lake were read from, comparable. */
export function orderOfRows(key: string): string {
  return comparableSequencer(/\/version=([^/]+)\//.exec(key)?.[1] ?? '');
}
