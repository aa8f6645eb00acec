import type { Cell } from '@millrace/lake';
import { imageToJson, keyText } from '../attribute-value.ts';
import { type Change, imageOf } from '../change.ts';
import type { Pipeline } from '../pipeline.ts';
import type { SqlTable } from './sql-table.ts';
import { storableJson, storableText } from './storable-text.ts';

/** The state of an item as a row of its table. */
export interface SqlRow {
  /** Of the item: the same for all of its changes, and for no other item. */
  readonly id: string;
  readonly sequence: bigint;
  /** The row as a JSON object by column, texts storable. */
  readonly json: string;
}

export type SqlState =
  | { readonly kind: 'row'; readonly row: SqlRow }
  | { readonly kind: 'invalid'; readonly violations: string };

/**
 * What the table is to hold after a change, if nothing newer is there. An item that was removed, or
 * that the pipeline does not accept any more, leaves its key and its sequence, and nothing else of
 * itself. A removal needs no valid item.
 */
export function stateAfter(change: Change, pipeline: Pipeline, table: SqlTable): SqlState {
  if (change.op === 'REMOVE') return { kind: 'row', row: rowOf(change, table) };
  const read = pipeline.read(change);
  if (read.kind === 'invalid') return read;
  const cells = read.kind === 'item' ? read.cells : undefined;
  return { kind: 'row', row: rowOf(change, table, cells) };
}

function rowOf(
  change: Change,
  { key, values }: SqlTable,
  cells?: readonly (readonly [string, Cell])[],
): SqlRow {
  const keys = key.map(({ attribute }) => storableText(keyText(change.keys[attribute])));
  const members = key.map(({ column }, n) => member(column, JSON.stringify(keys[n])));
  if (cells) {
    const names = new Set(values.map(({ name }) => name));
    for (const [name, cell] of cells) if (names.has(name)) members.push(member(name, json(cell)));
    members.push(member('image', storableJson(imageToJson(imageOf(change)))));
  }
  members.push(
    member('sequence', change.sequence),
    member('changed_at', JSON.stringify(change.changedAt)),
    member('removed', String(!cells)),
  );
  return {
    id: JSON.stringify(keys),
    sequence: BigInt(change.sequence),
    json: `{${members.join(',')}}`,
  };
}

function member(name: string, value: string): string {
  return `"${name}":${value}`;
}

function json(cell: Cell): string {
  if (typeof cell === 'bigint') return cell.toString();
  if (typeof cell === 'string') return JSON.stringify(storableText(cell));
  return JSON.stringify(cell);
}
