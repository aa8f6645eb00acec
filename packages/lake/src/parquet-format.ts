import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { bufferOf, columnDataOf, storedColumns } from './parquet-columns.ts';
import type { RowFormat } from './ports.ts';
import type { RowLayout } from './row.ts';
import { conformRow } from './schema.ts';

/** Parquet with zstd, which DuckDB, Athena and Spark read. */
export const parquetFormat: RowFormat = {
  encode({ columns }, rows) {
    return new Uint8Array(
      parquetWriteBuffer({
        columnData: columnDataOf(columns, rows),
        codec: 'ZSTD',
        compressors: { ZSTD: (bytes) => zstdCompressSync(bytes) },
        createdBy: 'millrace',
      }),
    );
  },

  columnsOf: (bytes) => storedColumns(parquetMetadata(bufferOf(bytes))),

  async decode(layout, bytes) {
    const file = bufferOf(bytes);
    const stored = await parquetReadObjects({
      file,
      compressors: { ZSTD: (input) => zstdDecompressSync(input) },
    });
    return stored.map((row) => {
      requireOurs(layout, row);
      return conformRow(layout.columns, row);
    });
  },
};

function requireOurs({ id, order }: RowLayout, stored: Readonly<Record<string, unknown>>): void {
  if (typeof stored[id] !== 'string' || (stored[order] ?? null) === null) {
    throw new TypeError('An object of the lake holds rows that nobody of us wrote.');
  }
}
