import type { Column, Row, RowLayout } from '../row.ts';

/** What the changes of a table are, and what tells its items apart. */
export interface TableLayout extends RowLayout {
  readonly table: string;
  /** Columns of text that together name an item. */
  readonly key: readonly string[];
  /** A column of times: when the change happened. Its day (UTC) is the partition. */
  readonly time: string;
  /** A column of text: how the item was changed. */
  readonly op: string;
  /** The ops after which there is no item. */
  readonly ends: readonly string[];
  /** Columns that the current state of an item does not have. */
  readonly onlyOfChanges: readonly string[];
}

export type KeyOf = (row: Row) => string;

/** Text that sorts as the changes do: by time, then order, then id. Differs for every change. */
export function changeKey({ time, order, id }: TableLayout): KeyOf {
  return (row) => `${timeOf(row, time).toISOString()} ${textOf(row, order)} ${textOf(row, id)}`;
}

/** Text that is the same for the changes of one item only. */
export function itemKey({ key }: TableLayout): KeyOf {
  return (row) => JSON.stringify(key.map((name) => textOf(row, name)));
}

/** `2026-11-23`, the partition of a change. */
export function dayOf({ time }: TableLayout): (row: Row) => string {
  return (row) => timeOf(row, time).toISOString().slice(0, 10);
}

export function textOf(row: Row, name: string): string {
  const value = row[name];
  if (typeof value !== 'string') throw new TypeError(`A row of the lake has no ${name}.`);
  return value;
}

export function timeOf(row: Row, name: string): Date {
  const value = row[name];
  if (!(value instanceof Date)) throw new TypeError(`A row of the lake has no ${name}.`);
  return value;
}

export function liveColumns(columns: readonly Column[], { onlyOfChanges }: TableLayout): Column[] {
  return columns.filter(({ name }) => !onlyOfChanges.includes(name));
}

/** Enough to tell that a late change is an old one. */
export function removedColumns(columns: readonly Column[], layout: TableLayout): Column[] {
  const kept = [...layout.key, layout.order, layout.time];
  return columns.filter(({ name }) => kept.includes(name));
}
