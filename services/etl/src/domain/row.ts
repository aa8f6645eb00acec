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

/** A row of the lake: one change of one item. */
export interface Row {
  readonly [column: string]: Cell;
  /** Unique: a row with a known id is not added again. */
  readonly change_id: string;
  /** Decimal text of 40 digits, zeros in front: compares as text. */
  readonly sequence: string;
}

/** DynamoDB's sequence numbers have 21 to 40 digits. */
const SEQUENCE_DIGITS = 40;

export function comparableSequence(sequence: string): string {
  return sequence.padStart(SEQUENCE_DIGITS, '0');
}

/** The order of rows in an object: a function of the rows alone, so that the same rows give the same bytes. */
export function compareRows(a: Row, b: Row): number {
  if (a.sequence !== b.sequence) return a.sequence < b.sequence ? -1 : 1;
  if (a.change_id !== b.change_id) return a.change_id < b.change_id ? -1 : 1;
  return 0;
}
