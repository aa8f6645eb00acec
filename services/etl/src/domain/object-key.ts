import { objectSlot } from '@millrace/lake';
import { imageToJson } from './attribute-value.ts';
import type { Change } from './change.ts';
import type { Pipeline } from './pipeline.ts';

/**
 * The object of the lake that a change belongs to: a function of the change alone, whatever batch it
 * comes in. `changes/table=orders/dt=2026-11-23/0941-0.parquet`: day and time (UTC) are when the
 * table took the change; all changes of an item are in the same lane.
 */
export function objectKey({ table, grid }: Pipeline, { changedAt, keys }: Change): string {
  return `changes/table=${table}/${objectSlot(grid, changedAt, () => imageToJson(keys))}`;
}
