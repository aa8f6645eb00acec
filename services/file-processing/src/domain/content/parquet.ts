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
/** Of all columns together, and of one; so that they take 4 MiB at most. */
const MAX_SHARED_TEXTS = 16 * 1024;
const MAX_SHARED_OF_COLUMN = 256;
const MAX_SHARED_LENGTH = 64;
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
    for (let from = 0; from < rowsOf(batch); ) {
      from = group.add(batch, from);
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
  readonly #columns: readonly GroupColumn[];
  readonly #groupRows: number;
  readonly #texts = new TextEncoding();

  constructor(columns: readonly Column[], groupRows: number) {
    const maxShared = Math.floor(MAX_SHARED_TEXTS / columns.length);
    this.#columns = columns.map(
      (column) => new GroupColumn(column, groupRows, Math.min(MAX_SHARED_OF_COLUMN, maxShared)),
    );
    this.#groupRows = groupRows;
  }

  get isFull(): boolean {
    return this.rows >= this.#groupRows || this.#characters >= ROW_GROUP_CHARACTERS;
  }

  /**
   * Adds the batch's rows from `from` on, as many as fit. Column by column, which is faster than row
   * by row; but the last ones of a group of long texts one by one, for only they tell where it is full.
   *
   * @returns the first row that did not fit
   */
  add(batch: Batch, from: number): number {
    const fitting = Math.min(rowsOf(batch), from + this.#groupRows - this.rows);
    const characters = charactersOf(batch, from, fitting);
    const to = this.#characters + characters < ROW_GROUP_CHARACTERS ? fitting : from + 1;
    for (const [index, column] of this.#columns.entries()) column.add(batch[index] ?? [], from, to);
    this.#characters += to === fitting ? characters : charactersOf(batch, from, to);
    this.rows += to - from;
    return to;
  }

  /** To be written before the next row is added: the memory is used again. */
  take(): ColumnSource[] {
    this.#texts.reset(this.#characters);
    this.#characters = 0;
    this.rows = 0;
    return this.#columns.map(({ column, take }) => source(column, take(), this.#texts));
  }
}

function charactersOf(batch: Batch, from: number, to: number): number {
  let characters = 0;
  for (const cells of batch) {
    for (let row = from; row < to; row += 1) {
      const cell = cells[row];
      if (typeof cell === 'string') characters += cell.length;
    }
  }
  return characters;
}

/**
 * The cells of one column of a row group. Numbers and times lie as they will in the file: as objects
 * they would take three times the memory, and the collector's time.
 */
class GroupColumn {
  readonly column: Column;
  readonly #numbers: Float64Array | undefined;
  readonly #integers: BigInt64Array | undefined;
  readonly #maxShared: number;
  #repeated: Map<string, string> | undefined = new Map();
  #cells: Cell[] = [];
  #nulls: number[] = [];
  #rows = 0;

  constructor(column: Column, groupRows: number, maxShared: number) {
    this.column = column;
    this.#maxShared = maxShared;
    const { type } = column;
    if (type === 'double') this.#numbers = new Float64Array(groupRows);
    if (type === 'int64' || type === 'timestamp') this.#integers = new BigInt64Array(groupRows);
  }

  add(cells: readonly Cell[], from: number, to: number): void {
    for (let row = from; row < to; row += 1) {
      const cell = cells[row] ?? null;
      if (cell === null) this.#nulls.push(this.#rows);
      if (this.#numbers) this.#numbers[this.#rows] = cell as number;
      else if (this.#integers) this.#integers[this.#rows] = integerOf(cell);
      else this.#cells.push(typeof cell === 'string' ? this.#shared(cell) : cell);
      this.#rows += 1;
    }
  }

  /** Of a column that repeats a few texts, each is kept once, as long as there are few. */
  #shared(text: string): string {
    if (!this.#repeated || text.length > MAX_SHARED_LENGTH) return text;
    const known = this.#repeated.get(text);
    if (known !== undefined) return known;
    if (this.#repeated.size >= this.#maxShared) {
      this.#repeated = undefined;
      return text;
    }
    // The text may be a slice, which would keep the chunk of the file alive that it is of.
    const copy = Buffer.from(text, 'utf16le').toString('utf16le');
    this.#repeated.set(copy, copy);
    return copy;
  }

  readonly take = (): Cells => {
    const typed = (this.#numbers ?? this.#integers)?.subarray(0, this.#rows);
    const taken = typed ? withNulls(typed, this.#nulls) : this.#cells;
    this.#cells = [];
    this.#nulls = [];
    this.#rows = 0;
    return taken;
  };
}

type Cells = Float64Array | BigInt64Array | Cell[];

function integerOf(cell: Cell): bigint {
  if (cell instanceof Date) return BigInt(cell.getTime());
  return cell === null ? 0n : (cell as bigint);
}

function withNulls(values: Float64Array | BigInt64Array, nulls: readonly number[]): Cells {
  if (nulls.length === 0) return values;
  const cells: Cell[] = Array.from<number | bigint>(values);
  for (const row of nulls) cells[row] = null;
  return cells;
}

function source({ name, type }: Column, data: Cells, texts: TextEncoding): ColumnSource {
  const column = { name, type: TYPES[type] };
  if (!Array.isArray(data) || type !== 'string') return { ...column, data };
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
