import { addRows, type Lake, type Row } from '@millrace/lake';
import { PermanentError } from '@millrace/middleware';
import type { Change } from './change.ts';
import { objectKey } from './object-key.ts';
import type { Pipeline } from './pipeline.ts';

export interface Loaded {
  readonly rows: number;
  readonly filtered: number;
  readonly rejected: number;
}

/**
 * Takes a batch of changes into the lake. Items that are not what the pipeline expects are put aside
 * and do not hinder the others. Throws when anything has to be tried again; then the whole batch may.
 *
 * @param putAside keeps the change with the reason; idempotent
 */
export async function loadChanges(
  changes: readonly Change[],
  pipeline: Pipeline,
  lake: Lake,
  putAside: (change: Change, reason: PermanentError) => Promise<void>,
): Promise<Loaded> {
  const objects = new Map<string, Row[]>();
  const loaded = { rows: 0, filtered: 0, rejected: 0 };
  for (const change of changes) {
    const transformed = pipeline.transform(change);
    if (transformed.kind === 'row') {
      const key = objectKey(pipeline, change);
      const rows = objects.get(key);
      if (rows) rows.push(transformed.row);
      else objects.set(key, [transformed.row]);
      loaded.rows += 1;
    } else if (transformed.kind === 'invalid') {
      await putAside(change, new PermanentError('item_invalid', transformed.violations));
      loaded.rejected += 1;
    } else {
      loaded.filtered += 1;
    }
  }
  for (const [key, rows] of objects) await addRows(key, pipeline, rows, lake);
  return loaded;
}
