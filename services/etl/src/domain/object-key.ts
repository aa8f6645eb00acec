import { createHash } from 'node:crypto';
import { type Image, imageToJson } from './attribute-value.ts';
import type { Change } from './change.ts';
import type { Grid, Pipeline } from './pipeline.ts';

/**
 * The object of the lake that a change belongs to: a function of the change alone, whatever batch it
 * comes in. `changes/table=orders/dt=2026-11-23/0941-0.parquet`: day and time (UTC) are when the
 * table took the change.
 */
export function objectKey({ table, grid }: Pipeline, change: Change): string {
  const step = grid.seconds * 1000;
  const start = new Date(Math.floor(change.changedAt.getTime() / step) * step).toISOString();
  const time = start.slice(11, grid.seconds % 60 === 0 ? 16 : 19).replaceAll(':', '');
  const lane = laneOf(change.keys, grid);
  return `changes/table=${table}/dt=${start.slice(0, 10)}/${time}-${lane}.parquet`;
}

/** All changes of an item in the same lane. */
function laneOf(keys: Image, { lanes }: Grid): number {
  if (lanes === 1) return 0;
  return createHash('sha256').update(imageToJson(keys)).digest().readUInt32BE(0) % lanes;
}
