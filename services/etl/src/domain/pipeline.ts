import {
  type Cell,
  type Column,
  type ColumnType,
  type ColumnValues,
  type Grid,
  MINUTE,
} from '@millrace/lake';
import type { TableLayout } from '@millrace/lake/table';
import { describeViolations, validate } from '@millrace/types';
import type * as z from 'zod/mini';
import { type Image, imageToJson, imageToPlain, keyText } from './attribute-value.ts';
import { type Change, imageOf } from './change.ts';
import { type ChangeRow, comparableSequence } from './row.ts';
import { defineSqlTable, type SqlTable } from './sql/sql-table.ts';

/** A typed column of a pipeline: its type in the lake and where its value comes from. */
export interface ColumnOf<Item, T extends ColumnType = ColumnType> {
  readonly type: T;
  readonly of: (item: Item) => ColumnValues[T] | null | undefined;
}

/** What a pipeline declares. Example: `pipelines/orders.ts`. */
export interface PipelineDeclaration<S extends z.ZodMiniType> {
  /** The table's name without prefix and stage; also the partition `table=` of the lake. */
  readonly table: string;
  /** What an item must be. A change to anything else becomes a dead letter with the violations. */
  readonly item: S;
  /** The columns of text that together name an item, each with the attribute of the table's key. */
  readonly key: Readonly<Record<string, string>>;
  /**
   * Items that are not wanted in the lake are left out; one that is wanted no more leaves it by a row
   * with the op `LEAVE`. Default: all are wanted.
   */
  readonly accepts?: (item: z.infer<S>) => boolean;
  /** In the order that they have in the lake, made by `column`. */
  readonly columns: Readonly<Record<string, ColumnOf<z.infer<S>>>>;
  /** Default: an object a minute. */
  readonly grid?: Grid;
  /** Also into PostgreSQL, with the same columns. Default: the lake only. */
  readonly sql?: true;
  /** As `RowLayout` has it: for items that are large. Default: objects hold all of their time. */
  readonly closedAt?: number;
}

export type Transformed =
  | { readonly kind: 'row'; readonly row: ChangeRow }
  | { readonly kind: 'filtered' }
  | { readonly kind: 'invalid'; readonly violations: string };

/** What a pipeline takes of the item: its own columns, in their order. */
export type Read =
  | { readonly kind: 'item'; readonly cells: readonly (readonly [string, Cell])[] }
  | Exclude<Transformed, { readonly kind: 'row' }>;

export interface Pipeline extends TableLayout {
  readonly grid: Grid;
  readonly sql?: SqlTable;
  read(change: Change): Read;
  transform(change: Change): Transformed;
}

/** Columns that every pipeline has, before and after its own. */
const BEFORE: readonly Column[] = [
  { name: 'change_id', type: 'string' },
  { name: 'op', type: 'string' },
  { name: 'expired', type: 'boolean' },
  { name: 'sequence', type: 'string' },
  { name: 'changed_at', type: 'timestamp' },
];
const AFTER: readonly Column[] = [
  { name: 'new_image', type: 'string' },
  { name: 'old_image', type: 'string' },
];

/** Ops after which `current` has the item no more. */
const ENDS: readonly string[] = ['REMOVE', 'LEAVE'];

/** For declaring `columns` with their values checked against their types. */
export function column<Item, T extends ColumnType>(
  type: T,
  of: (item: Item) => ColumnValues[T] | null | undefined,
): ColumnOf<Item, T> {
  return { type, of };
}

export function definePipeline<S extends z.ZodMiniType>(
  declaration: PipelineDeclaration<S>,
): Pipeline {
  const { table, item: schema, accepts = () => true, columns, key } = declaration;
  const own = Object.entries(columns);
  const wrongKey = Object.keys(key).find((name) => columns[name]?.type !== 'string');
  if (wrongKey !== undefined) throw new TypeError(`${table}: ${wrongKey} is no column of text.`);
  const ownColumns = own.map(([name, { type }]) => ({ name, type }));
  const readImage = (image: Image): Read => {
    const item = validate(schema, imageToPlain(image));
    if (!item.ok) return { kind: 'invalid', violations: describeViolations(item.violations) };
    if (!accepts(item.value)) return { kind: 'filtered' };
    return { kind: 'item', cells: own.map(([name, { of }]) => [name, of(item.value) ?? null]) };
  };
  const read = (change: Change): Read => readImage(imageOf(change));
  /** Of an item whose images the pipeline does not understand. */
  const keyCells = ({ keys }: Change): [string, Cell][] =>
    own.map(([name]) => [name, name in key ? keyText(keys[key[name] ?? '']) : null]);
  return {
    table,
    grid: declaration.grid ?? MINUTE,
    key: Object.keys(key),
    ...{ id: 'change_id', order: 'sequence', time: 'changed_at', op: 'op' },
    ...{ ends: ENDS, onlyOfChanges: ['op', 'expired', 'old_image'] },
    ...(declaration.closedAt !== undefined && { closedAt: declaration.closedAt }),
    columns: [...BEFORE, ...ownColumns, ...AFTER],
    ...(declaration.sql && { sql: defineSqlTable(table, ownColumns, key) }),
    read,
    transform(change) {
      const result = read(change);
      if (result.kind === 'item') return { kind: 'row', row: rowOf(change, result.cells) };
      // An older state of it may be in `current`: the end of an item needs no valid item.
      if (result.kind === 'invalid') {
        if (change.op !== 'REMOVE') return result;
        return { kind: 'row', row: rowOf(change, keyCells(change)) };
      }
      if (!change.newImage || !change.oldImage) return result;
      const before = readImage(change.oldImage);
      if (before.kind === 'filtered') return result;
      const cells = before.kind === 'item' ? before.cells : keyCells(change);
      return { kind: 'row', row: { ...rowOf(change, cells), op: 'LEAVE' } };
    },
  };
}

function rowOf(change: Change, cells: readonly (readonly [string, Cell])[]): ChangeRow {
  const { id, op, expired, sequence, changedAt, newImage, oldImage } = change;
  return {
    ...Object.fromEntries(cells),
    change_id: id,
    op,
    expired,
    sequence: comparableSequence(sequence),
    changed_at: changedAt,
    new_image: newImage ? imageToJson(newImage) : null,
    old_image: oldImage ? imageToJson(oldImage) : null,
  };
}
