import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import { bufferOf, columnDataOf, storedColumns } from '../parquet-columns.ts';
import type { LakeStore } from '../ports.ts';
import { bytesOf, type Column, type Row } from '../row.ts';
import { conformRow, unifyColumns } from '../schema.ts';
import type { DataFile } from './manifest.ts';

/** In memory (`bytesOf`); whichever is reached first ends a row group. */
const MOST_GROUP_BYTES = 24 * 1024 * 1024;
const MOST_GROUP_ROWS = 50_000;

/**
 * The rows of a file, a row group at a time, so that memory is bounded by one, however large the
 * file.
 *
 * @param names only these columns are read; the others are null
 * @throws LakeSchemaError
 */
export async function* readRowGroups(
  store: Pick<LakeStore, 'readRange'>,
  { key, bytes }: Pick<DataFile, 'key' | 'bytes'>,
  columns: readonly Column[],
  names?: readonly string[],
): AsyncGenerator<Row[]> {
  const file = {
    byteLength: bytes,
    async slice(start: number, end = bytes) {
      return bufferOf(await store.readRange(key, start, end));
    },
  };
  const metadata = await parquetMetadataAsync(file);
  // Refuses what does not fit before the first row is taken.
  const stored = storedColumns(metadata);
  unifyColumns(columns, stored);
  const wanted = stored.map(({ name }) => name).filter((name) => names?.includes(name) ?? true);
  let start = 0;
  for (const { num_rows } of metadata.row_groups) {
    const end = start + Number(num_rows);
    const rows = await parquetReadObjects({
      ...{ file, metadata, rowStart: start, rowEnd: end, columns: wanted },
      compressors: { ZSTD: (input) => zstdDecompressSync(input) },
    });
    start = end;
    yield rows.map((row) => conformRow(columns, row));
  }
}

/** Bytes that were written are taken away, so that only what was not fetched yet is in memory. */
class DrainedWriter extends ByteWriter {
  take(): Uint8Array {
    const bytes = new Uint8Array(this.getBytes());
    this.index = 0;
    return bytes;
  }
}

/**
 * A Parquet file that is written row by row into an object that is there when it is finished.
 * Memory: one row group, which is no larger than the file is to be.
 */
export class ParquetFileWriter {
  readonly #columns: readonly Column[];
  readonly #key: string;
  readonly #object: ReturnType<LakeStore['create']>;
  readonly #keyOf: (row: Row) => string;
  readonly #most: number;
  readonly #bytes = new DrainedWriter();
  readonly #parquet: ParquetWriter;
  #group: Row[] = [];
  #groupBytes = 0;
  #rows = 0;
  #from = '';
  #to = '';

  constructor(
    store: Pick<LakeStore, 'create'>,
    key: string,
    columns: readonly Column[],
    { keyOf, targetBytes }: { keyOf: (row: Row) => string; targetBytes: number },
  ) {
    this.#most = Math.min(MOST_GROUP_BYTES, targetBytes);
    this.#columns = columns;
    this.#key = key;
    this.#keyOf = keyOf;
    this.#object = store.create(key);
    this.#parquet = new ParquetWriter({
      writer: this.#bytes,
      schema: schemaFromColumnData({ columnData: columnDataOf(columns, []) }),
      codec: 'ZSTD',
      compressors: { ZSTD: (bytes) => zstdCompressSync(bytes) },
      createdBy: 'millrace',
    });
  }

  /** Bytes of the row groups that are finished. */
  get size(): number {
    return this.#bytes.offset;
  }

  /** @param row its key is above that of the one before */
  async add(row: Row): Promise<void> {
    if (this.#rows === 0) this.#from = this.#keyOf(row);
    this.#group.push(row);
    this.#rows += 1;
    this.#groupBytes += bytesOf([row]);
    const isFull = this.#groupBytes >= this.#most || this.#group.length >= MOST_GROUP_ROWS;
    if (isFull) await this.#endGroup();
  }

  async finish(): Promise<DataFile> {
    await this.#endGroup();
    this.#parquet.finish();
    await this.#object.write(this.#bytes.take());
    await this.#object.finish();
    const { size: bytes } = this;
    return { key: this.#key, rows: this.#rows, bytes, from: this.#from, to: this.#to };
  }

  async abort(): Promise<void> {
    await this.#object.abort();
  }

  async #endGroup(): Promise<void> {
    const last = this.#group.at(-1);
    if (!last) return;
    this.#to = this.#keyOf(last);
    const columnData = columnDataOf(this.#columns, this.#group);
    await this.#parquet.write({ columnData, rowGroupSize: this.#group.length });
    this.#group = [];
    this.#groupBytes = 0;
    await this.#object.write(this.#bytes.take());
  }
}
