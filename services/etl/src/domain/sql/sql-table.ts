import type { Column, ColumnType } from '@millrace/lake';

/** A table of the sink: the key, the pipeline's other columns, and those that every table has. */
export interface SqlTable {
  /** Without schema. */
  readonly name: string;
  readonly key: readonly { readonly column: string; readonly attribute: string }[];
  /** The pipeline's columns that are not in the key. */
  readonly values: readonly Column[];
}

/** Types that hold each column's values exactly: an int64 is never a double on its way. */
export const SQL_TYPES: Readonly<Record<ColumnType, string>> = {
  string: 'text',
  int64: 'bigint',
  double: 'double precision',
  boolean: 'boolean',
  timestamp: 'timestamp with time zone',
};

/**
 * Columns after the pipeline's own. `image` is the whole item (null where it was removed): its JSON
 * as `jsonb`, whose numbers are PostgreSQL's `numeric` and keep every digit.
 */
export const SINK_COLUMNS = {
  image: 'jsonb',
  sequence: 'numeric',
  changed_at: 'timestamp with time zone',
  removed: 'boolean',
} as const;

/** @param key columns of the primary key, in its order, each with the attribute of the item's key */
export function defineSqlTable(
  name: string,
  columns: readonly Column[],
  key: Readonly<Record<string, string>>,
): SqlTable {
  const taken = columns.find((column) => column.name in SINK_COLUMNS);
  if (taken) throw new TypeError(`Every table has a column ${taken.name} of its own.`);
  return {
    name,
    key: Object.entries(key).map(([column, attribute]) => ({ column, attribute })),
    values: columns.filter((column) => !(column.name in key)),
  };
}

/** Every column with its type, in the order of the table. */
export function sqlColumns({ key, values }: SqlTable): (readonly [name: string, type: string])[] {
  return [
    ...key.map(({ column }) => [column, 'text'] as const),
    ...values.map(({ name, type }) => [name, SQL_TYPES[type]] as const),
    ...Object.entries(SINK_COLUMNS),
  ];
}
