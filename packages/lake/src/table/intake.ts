import type { LakeStore, ListedObject, RowFormat } from '../ports.ts';
import { bytesOf, type Column, type Row } from '../row.ts';
import { conformRow, isWidened, LakeSchemaError, unifyColumns } from '../schema.ts';
import type { Manifest } from './manifest.ts';
import type { TableSettings } from './settings.ts';
import type { TableLayout } from './table-layout.ts';

/** An object of the intake: `changes/table=orders/dt=2026-11-23/0941-0.parquet`. */
export interface Slot extends ListedObject {
  readonly day: string;
  /** `0941-0` */
  readonly name: string;
  /** When its time began, milliseconds. */
  readonly startsAt: number;
}

/** What a commit takes in. */
export interface Round {
  readonly rows: Row[];
  readonly columns: Column[];
  readonly slots: readonly Slot[];
  /** There are more. */
  readonly isPartial: boolean;
}

const SHAPE = /\/dt=(\d{4}-\d\d-\d\d)\/((\d\d)(\d\d)(\d\d)?-\d+(?:\.\d+)?)\.parquet$/;

/** All objects of a table's intake. */
export async function listSlots(store: LakeStore, table: string): Promise<Slot[]> {
  const slots: Slot[] = [];
  for await (const object of store.list(`changes/table=${table}/`)) {
    const [, day, name, hour, minute, second = '00'] = SHAPE.exec(object.key) ?? [];
    if (day === undefined || name === undefined) continue;
    const startsAt = Date.parse(`${day}T${hour}:${minute}:${second}Z`);
    slots.push({ ...object, day, name, startsAt });
  }
  return slots;
}

/** Whether just this content of it is in. */
export function isIn({ slots }: Manifest, { day, name, eTag }: Slot): boolean {
  return slots[day]?.[name] === eTag;
}

/**
 * Reads what is new or has grown, until the rows are as many as one commit takes. Each object is
 * read once, with its ETag: what is noted as in is what was read.
 *
 * @throws LakeSchemaError
 */
export async function readRound(
  slots: readonly Slot[],
  manifest: Manifest,
  from: {
    readonly store: LakeStore;
    readonly format: RowFormat;
    readonly layout: TableLayout;
    readonly settings: TableSettings;
  },
  now: number,
): Promise<Round> {
  const { store, format, layout, settings } = from;
  const fresh = slots.filter(
    (slot) => !isIn(manifest, slot) && slot.startsAt + settings.settleMs <= now,
  );
  let columns = unifyColumns(manifest.columns, layout.columns);
  let rows: Row[] = [];
  const read: Slot[] = [];
  let size = 0;
  for (const slot of fresh) {
    if (size >= settings.roundBytes) return { rows, columns, slots: read, isPartial: true };
    const object = await store.read(slot.key);
    // Removed since it was listed: it was in.
    if (!object) continue;
    try {
      const wider = unifyColumns(columns, format.columnsOf(object.bytes));
      if (isWidened(columns, wider)) rows = rows.map((row) => conformRow(wider, row));
      columns = wider;
      const decoded = await format.decode({ ...layout, columns }, object.bytes);
      for (const row of decoded) rows.push(row);
      size += bytesOf(decoded);
    } catch (error) {
      if (error instanceof LakeSchemaError) error.message += ` Met in ${slot.key}.`;
      throw error;
    }
    read.push({ ...slot, eTag: object.eTag });
  }
  return { rows, columns, slots: read, isPartial: false };
}
