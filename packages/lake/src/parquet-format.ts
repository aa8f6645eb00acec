import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';
import { type BasicType, parquetWriteBuffer } from 'hyparquet-writer';
import type { RowFormat } from './ports.ts';
import type { Cell, ColumnType, Row, RowLayout } from './row.ts';

const PARQUET_TYPES: Readonly<Record<ColumnType, BasicType>> = {
  string: 'STRING',
  int64: 'INT64',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP',
};

/** Parquet with zstd, which DuckDB, Athena and Spark read. */
export const parquetFormat: RowFormat = {
  encode({ columns }, rows) {
    const columnData = columns.map(({ name, type }) => ({
      name,
      type: PARQUET_TYPES[type],
      data: rows.map((row) => row[name] ?? null),
    }));
    return new Uint8Array(
      parquetWriteBuffer({
        columnData,
        codec: 'ZSTD',
        compressors: { ZSTD: (bytes) => zstdCompressSync(bytes) },
        createdBy: 'millrace',
      }),
    );
  },

  async decode(layout, bytes) {
    const file = bytes.slice().buffer;
    const stored = await parquetReadObjects({
      file,
      compressors: { ZSTD: (input) => zstdDecompressSync(input) },
    });
    return stored.map((row) => toRow(layout, row));
  },
};

function toRow({ columns, id, order }: RowLayout, stored: Readonly<Record<string, unknown>>): Row {
  if (typeof stored[id] !== 'string' || (stored[order] ?? null) === null) {
    throw new TypeError('An object of the lake holds rows that nobody of us wrote.');
  }
  return Object.fromEntries(columns.map(({ name, type }) => [name, toCell(type, stored[name])]));
}

/** @throws TypeError where a column changed its type: such a column needs a new name */
function toCell(type: ColumnType, value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (type === 'string' && typeof value === 'string') return value;
  if (type === 'int64' && typeof value === 'bigint') return value;
  if (type === 'double' && typeof value === 'number') return value;
  if (type === 'boolean' && typeof value === 'boolean') return value;
  if (type === 'timestamp' && value instanceof Date) return value;
  throw new TypeError(`A column of the lake is declared as ${type} but was written otherwise.`);
}
