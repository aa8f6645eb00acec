import type { Cell, Column, ColumnType, Row } from './row.ts';

/**
 * A column is written as one type and declared, or written elsewhere, as another that does not hold
 * its values exactly. Rows stay where they are; give the column of the new type another name.
 */
export class LakeSchemaError extends Error {
  override readonly name = 'LakeSchemaError';
  readonly code = 'lake_schema_conflict';
  readonly column: string;

  constructor(column: string, problem: string) {
    super(`Column ${column} of the lake ${problem}: a column of another type needs another name.`);
    this.column = column;
  }
}

/**
 * The columns of both, in the order of the first, then what only the second has. Whole numbers and
 * doubles together are doubles; all else that differs is refused.
 *
 * @throws LakeSchemaError
 */
export function unifyColumns(some: readonly Column[], others: readonly Column[]): Column[] {
  const unified = new Map(some.map(({ name, type }) => [name, type]));
  for (const { name, type } of others) {
    const known = unified.get(name);
    unified.set(name, known === undefined ? type : widestOf(name, known, type));
  }
  return [...unified].map(([name, type]) => ({ name, type }));
}

function widestOf(name: string, one: ColumnType, other: ColumnType): ColumnType {
  if (one === other) return one;
  const numbers: readonly ColumnType[] = ['int64', 'double'];
  if (numbers.includes(one) && numbers.includes(other)) return 'double';
  throw new LakeSchemaError(name, `is ${one} here and ${other} there`);
}

/** Columns of the first that have become wider in the second. */
export function isWidened(before: readonly Column[], after: readonly Column[]): boolean {
  const types = new Map(after.map(({ name, type }) => [name, type]));
  return before.some(({ name, type }) => (types.get(name) ?? type) !== type);
}

/** A stored row with the columns of the layout: what it lacks is null, what is narrower is widened. */
export function conformRow(columns: readonly Column[], stored: Readonly<Record<string, unknown>>) {
  const row: Record<string, Cell> = {};
  for (const { name, type } of columns) row[name] = toCell(name, type, stored[name]);
  return row as Row;
}

/** @throws LakeSchemaError where the value is of another type, or would not stay exact */
function toCell(name: string, type: ColumnType, value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (type === 'string' && typeof value === 'string') return value;
  if (type === 'boolean' && typeof value === 'boolean') return value;
  if (type === 'timestamp' && value instanceof Date) return value;
  if (type === 'int64' && typeof value === 'bigint') return value;
  // INT32 of other writers.
  if (type === 'int64' && typeof value === 'number' && Number.isInteger(value)) {
    return BigInt(value);
  }
  if (type === 'double' && typeof value === 'number') return value;
  if (type === 'double' && typeof value === 'bigint') {
    if (BigInt(Number(value)) === value) return Number(value);
    throw new LakeSchemaError(name, 'holds a whole number that no double holds exactly');
  }
  throw new LakeSchemaError(name, `is declared as ${type} but was written otherwise`);
}
