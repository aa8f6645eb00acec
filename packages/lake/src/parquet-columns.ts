import type { FileMetaData, SchemaElement } from 'hyparquet';
import type { BasicType, ColumnSource } from 'hyparquet-writer';
import type { Column, ColumnType, Row } from './row.ts';
import { LakeSchemaError } from './schema.ts';

const PARQUET_TYPES: Readonly<Record<ColumnType, BasicType>> = {
  string: 'STRING',
  int64: 'INT64',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP',
};

/** Rows turned into columns, as the writer of Parquet takes them. */
export function columnDataOf(columns: readonly Column[], rows: readonly Row[]): ColumnSource[] {
  return columns.map(({ name, type }) => ({
    name,
    type: PARQUET_TYPES[type],
    data: rows.map((row) => row[name] ?? null),
  }));
}

/**
 * What the columns of a file are, as its own metadata say.
 *
 * @throws LakeSchemaError for types that we do not write
 */
export function storedColumns({ schema }: FileMetaData): Column[] {
  return schema.slice(1).map((element) => ({ name: element.name, type: typeOf(element) }));
}

function typeOf({ name, type, converted_type, logical_type, num_children }: SchemaElement) {
  const kind = logical_type?.type ?? converted_type;
  if (type === 'BYTE_ARRAY' && (kind === 'STRING' || kind === 'UTF8')) return 'string';
  if (type === 'INT64' && kind?.startsWith('TIMESTAMP')) return 'timestamp';
  if (type === 'BOOLEAN') return 'boolean';
  if (type === 'DOUBLE' || type === 'FLOAT') return 'double';
  if (isWhole(type, kind)) return 'int64';
  throw new LakeSchemaError(
    name,
    `has a type that is none of ours (${kind ?? type ?? num_children})`,
  );
}

function isWhole(type: SchemaElement['type'], kind: string | undefined): boolean {
  if (type !== 'INT32' && type !== 'INT64') return false;
  return kind === undefined || ['INTEGER', 'INT_8', 'INT_16', 'INT_32', 'INT_64'].includes(kind);
}

/** The bytes alone, as the reader of Parquet takes them; those of Node share their memory with others. */
export function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
