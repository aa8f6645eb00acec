import type { Cell, ColumnType } from '../../content/parquet.ts';

/** A schema that files are held against, and by which their rows go into one table of the lake. */
export interface Dataset {
  /** Its table is `dataset-<name>`: lower-case letters, digits and `-`. */
  readonly name: string;
  /** Files that belong to it whatever their header: matched with the upload's key, in NFC. */
  readonly files?: readonly RegExp[];
  /** Any other file belongs to it whose header has all required columns. */
  readonly columns: readonly DatasetColumn[];
  /** Offset from UTC of times that are written without one, e.g. `+09:00`; else they are UTC. */
  readonly utcOffset?: string;
  /**
   * Which of the valid rows are collected; the others are counted. All, where absent. The row is
   * only good until it returns.
   */
  keep?(row: DatasetRow): boolean;
}

export type DatasetRow = Readonly<Record<string, Cell>>;

export interface DatasetColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** Other names that files give it. Case, spaces, `-` and `_` make no difference. */
  readonly aliases?: readonly string[];
  readonly required?: boolean;
  /** Of strings, after trimming; anchor it. */
  readonly pattern?: RegExp;
  /** Of strings: the only ones there are. */
  readonly values?: readonly string[];
  /** Of strings, in UTF-16 units. */
  readonly maximumLength?: number;
  /** Of numbers, inclusive. */
  readonly minimum?: number;
  readonly maximum?: number;
}

export function tableOf({ name }: Dataset): string {
  return `dataset-${name}`;
}

/** For every column the indexes in the header of what may be it. */
export function columnIndexes(dataset: Dataset, header: readonly string[]): readonly number[][] {
  const names = header.map(comparable);
  return dataset.columns.map(({ name, aliases = [] }) => {
    const accepted = new Set([name, ...aliases].map(comparable));
    return names.flatMap((candidate, index) => (accepted.has(candidate) ? [index] : []));
  });
}

export function missingColumns(dataset: Dataset, header: readonly string[]): string[] {
  const indexes = columnIndexes(dataset, header);
  return dataset.columns.flatMap(({ name, required }, column) =>
    required && indexes[column]?.length === 0 ? [name] : [],
  );
}

/** By the file's name before its header. */
export function datasetOf(
  datasets: readonly Dataset[],
  key: string,
  header: readonly string[],
): Dataset | undefined {
  const name = key.normalize('NFC');
  return (
    datasets.find(({ files = [] }) => files.some((pattern) => name.search(pattern) !== -1)) ??
    datasets.find((dataset) => isNamedBy(dataset, header))
  );
}

/** Without required columns, any header would do. */
function isNamedBy(dataset: Dataset, header: readonly string[]): boolean {
  const requires = dataset.columns.some(({ required }) => required);
  return requires && missingColumns(dataset, header).length === 0;
}

/** macOS decomposes Hangul. */
function comparable(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s_-]+/g, '');
}
