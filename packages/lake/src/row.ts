export type ColumnType = 'string' | 'int64' | 'double' | 'boolean' | 'timestamp';

export interface ColumnValues {
  string: string;
  int64: bigint;
  double: number;
  boolean: boolean;
  timestamp: Date;
}
export type Cell = ColumnValues[ColumnType] | null;

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

export interface Row {
  readonly [column: string]: Cell;
}

/** What the rows of an object are. */
export interface RowLayout {
  readonly columns: readonly Column[];
  /** A column of text without nulls: a row with a known id is not added again. */
  readonly id: string;
  /** A column of text or times without nulls: the order of rows in an object, then their id. */
  readonly order: string;
  /**
   * Rows of so many bytes (`bytesOf`) or more close their object: what comes later goes to the next.
   * Bounds the memory and the work that adding a batch takes, whatever is there. NEVER RAISED once
   * objects are there: a closed one would be opened again. Default: objects are not closed.
   */
  readonly closedAt?: number;
}

export function idOf({ id }: RowLayout, row: Row): string {
  const value = row[id];
  if (typeof value !== 'string') throw new TypeError(`A row has no ${id}.`);
  return value;
}

/** The order of rows in an object: a function of the rows alone, so that the same rows give the same bytes. */
export function compareRows(layout: RowLayout): (a: Row, b: Row) => number {
  return (a, b) => {
    const [first, second] = [a[layout.order] ?? '', b[layout.order] ?? ''];
    if (first < second) return -1;
    if (first > second) return 1;
    const [one, other] = [idOf(layout, a), idOf(layout, b)];
    return one < other ? -1 : one > other ? 1 : 0;
  };
}

const BYTES_PER_CELL = 16;

/** What rows take in memory, roughly. A function of the rows alone. FROZEN as `closedAt` is. */
export function bytesOf(rows: readonly Row[]): number {
  let bytes = 0;
  for (const row of rows) {
    for (const name in row) {
      const cell = row[name];
      bytes += BYTES_PER_CELL + (typeof cell === 'string' ? 2 * cell.length : 0);
    }
  }
  return bytes;
}
