import { zstdCompressSync } from 'node:zlib';
import {
  type BasicType,
  ByteWriter,
  type ColumnSource,
  ParquetWriter,
  schemaFromColumnData,
} from 'hyparquet-writer';
import { ContentError } from './content-error.ts';

export type ColumnType = 'string' | 'int64' | 'double' | 'boolean' | 'timestamp';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

/** A string, bigint, number, boolean or Date, as its column's type is; null where there is none. */
export type Cell = string | bigint | number | boolean | Date | null;

/** Rows column by column, as Parquet lies: one array per column, all of one length. */
export type Batch = ReadonlyArray<readonly Cell[]>;

const TYPES: Readonly<Record<ColumnType, BasicType>> = {
  string: 'STRING',
  int64: 'INT64',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP',
};

/** Parquet's footer describes every column of every row group, in about 1 KiB of memory until the end. */
const MAX_COLUMN_CHUNKS = 64 * 1024;
/** Of text, in UTF-16 units: keeps a row group of long texts as small as one of numbers. */
const ROW_GROUP_CHARACTERS = 8 * 1024 ** 2;
const ROW_GROUP_CELLS = 1024 ** 2;

const SAMPLED_TEXTS = 1000;
/** A unit of UTF-16 is at most three bytes of UTF-8. */
const MAX_BYTES_PER_UNIT = 3;

/**
 * A Parquet file (zstd) as it comes into being: one row group is held in memory, and its bytes are
 * given as soon as it is full. Without rows it is a valid file of no rows. Equal batches give equal
 * bytes, however they are cut.
 *
 * @throws ContentError `too_many_cells` for very many rows of very many columns
 */
export async function* parquetStream(
  columns: readonly Column[],
  batches: AsyncIterable<Batch> | Iterable<Batch>,
  { rowGroupRows = 16 * 1024 }: { readonly rowGroupRows?: number } = {},
): AsyncGenerator<Uint8Array> {
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({
    writer: bytes,
    schema: schemaFromColumnData({
      columnData: columns.map(({ name, type }) => ({ name, type: TYPES[type], data: [] })),
    }),
    codec: 'ZSTD',
    compressors: { ZSTD: (page) => zstdCompressSync(page) },
    createdBy: 'millrace',
  });
  const groupRows = Math.max(
    1,
    Math.min(rowGroupRows, Math.floor(ROW_GROUP_CELLS / columns.length)),
  );
  const group = new RowGroup(columns, groupRows);
  let chunks = 0;
  const write = () => {
    chunks += columns.length;
    if (chunks > MAX_COLUMN_CHUNKS) throw tooManyCells();
    writer.write({ columnData: group.take(), rowGroupSize: groupRows });
    return taken(bytes);
  };
  for await (const batch of batches) {
    for (let row = 0; row < rowsOf(batch); row += 1) {
      group.add(batch, row);
      if (group.isFull) yield write();
    }
  }
  if (group.rows > 0) yield write();
  writer.finish();
  yield taken(bytes);
}

/** Gathers rows until they make a row group. */
class RowGroup {
  rows = 0;
  #characters = 0;
  #data: Cell[][];
  readonly #columns: readonly Column[];
  readonly #groupRows: number;
  readonly #texts = new TextEncoding();

  constructor(columns: readonly Column[], groupRows: number) {
    this.#columns = columns;
    this.#groupRows = groupRows;
    this.#data = columns.map(() => []);
  }

  get isFull(): boolean {
    return this.rows >= this.#groupRows || this.#characters >= ROW_GROUP_CHARACTERS;
  }

  /** Times as the writer takes them; as dates they would take four times the memory. */
  add(batch: Batch, row: number): void {
    for (let column = 0; column < this.#data.length; column += 1) {
      const cell = batch[column]?.[row] ?? null;
      if (typeof cell === 'string') this.#characters += cell.length;
      this.#data[column]?.push(cell instanceof Date ? BigInt(cell.getTime()) : cell);
    }
    this.rows += 1;
  }

  /** To be written before the next row is added: the memory is used again. */
  take(): ColumnSource[] {
    const full = this.#data;
    this.#data = this.#columns.map(() => []);
    this.#texts.reset(this.#characters);
    this.#characters = 0;
    this.rows = 0;
    return this.#columns.map((column, index) => source(column, full[index] ?? [], this.#texts));
  }
}

function source({ name, type }: Column, data: Cell[], texts: TextEncoding): ColumnSource {
  const column = { name, type: TYPES[type] };
  if (type !== 'string') return { ...column, data };
  // The least and greatest text of every row group would keep the chunks of the file alive that
  // they are slices of; those of numbers and times are what readers prune by.
  const text = { ...column, statistics: false };
  // The writer encodes text by text, which is a third of its time. At once it costs next to nothing,
  // but hides from it which texts are the same: so only where few are.
  if (isRepetitive(data)) return { ...text, data };
  return { ...text, data: texts.encode(data), encoding: 'PLAIN' };
}

function isRepetitive(data: readonly Cell[]): boolean {
  const step = Math.max(1, Math.floor(data.length / SAMPLED_TEXTS));
  const seen = new Set<Cell>();
  let sampled = 0;
  for (let index = 0; index < data.length; index += step) {
    sampled += 1;
    seen.add(data[index] ?? null);
  }
  return seen.size * 2 < sampled;
}

/** Texts as views of one buffer, which is made once for all row groups. */
class TextEncoding {
  #bytes = Buffer.alloc(0);
  #end = 0;

  reset(characters: number): void {
    const needed = characters * MAX_BYTES_PER_UNIT;
    if (needed > this.#bytes.length) this.#bytes = Buffer.allocUnsafeSlow(needed);
    this.#end = 0;
  }

  encode(texts: readonly Cell[]): (Uint8Array | null)[] {
    const { buffer } = this.#bytes;
    return texts.map((text) => {
      if (typeof text !== 'string') return null;
      const start = this.#end;
      this.#end += this.#bytes.write(text, start);
      return new Uint8Array(buffer, start, this.#end - start);
    });
  }
}

const tooManyCells = () =>
  new ContentError(
    'too_many_cells',
    'There are too many rows for a table of so many columns. Split it into several files.',
  );

function rowsOf(batch: Batch): number {
  return batch[0]?.length ?? 0;
}

function taken(bytes: ByteWriter): Uint8Array {
  const made = bytes.getBytes().slice();
  bytes.index = 0;
  return made;
}
