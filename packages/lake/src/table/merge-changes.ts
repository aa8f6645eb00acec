import type { LakeStore } from '../ports.ts';
import type { Column, Row } from '../row.ts';
import type { ChangesFile, DataFile } from './manifest.ts';
import { readRowGroups } from './parquet-file.ts';
import type { TableSettings } from './settings.ts';
import { concatenate, inMemory, mergeSorted, type SortedRows, sortRows } from './sorted-rows.ts';
import { keepFirst, newFileKey, writeFiles } from './table-files.ts';
import { changeKey, dayOf, type TableLayout } from './table-layout.ts';

/** What a step of the job needs to write files of the next version. */
export interface Step {
  readonly store: LakeStore;
  readonly layout: TableLayout;
  readonly settings: TableSettings;
  /** The version that is to come. */
  readonly version: number;
  /** Of changes, with all that came. */
  readonly columns: readonly Column[];
  readonly schema: number;
}

/**
 * The files of changes with more rows: each change is in once, however often it came and whatever
 * is there. Rows between the files become new files; a file that lies around some of them is written
 * again, if it lacks any. Memory: the rows, and a row group to read and to write.
 *
 * @param files sorted by day, then key
 */
export async function mergeChanges(
  step: Step,
  files: readonly ChangesFile[],
  rows: readonly Row[],
): Promise<ChangesFile[]> {
  const keyOf = changeKey(step.layout);
  const merged: ChangesFile[] = [];
  const sorted = sortRows(rows, keyOf, keepFirst);
  const keys = sorted.map(keyOf);
  let at = 0;
  /** The rows that come next, as long as their keys are so. */
  const take = (isSo: (key: string) => boolean) => {
    const start = at;
    for (let key = keys[at]; key !== undefined && isSo(key); key = keys[at]) at += 1;
    return sorted.slice(start, at);
  };
  for (const file of files) {
    merged.push(
      ...(await writeDays(
        step,
        take((key) => key < file.from),
      )),
    );
    merged.push(
      ...(await mergeInto(
        step,
        file,
        take((key) => key <= file.to),
      )),
    );
  }
  merged.push(
    ...(await writeDays(
      step,
      take(() => true),
    )),
  );
  return merged;
}

/** One file with rows that lie between its keys. */
async function mergeInto(step: Step, file: ChangesFile, rows: readonly Row[]) {
  if (rows.length === 0 || (await holdsAll(step, file, rows))) return [file];
  const keyOf = changeKey(step.layout);
  const there = readRowGroups(step.store, file, step.columns);
  return await writeDay(step, file.day, mergeSorted([there, inMemory(rows)], keyOf, keepFirst));
}

/** Reads the columns of the key only. */
async function holdsAll({ store, layout, columns }: Step, file: DataFile, rows: readonly Row[]) {
  const keyOf = changeKey(layout);
  const missing = new Set(rows.map(keyOf));
  const names = [layout.time, layout.order, layout.id];
  for await (const piece of readRowGroups(store, file, columns, names)) {
    for (const row of piece) missing.delete(keyOf(row));
    if (missing.size === 0) return true;
  }
  return false;
}

/** Files that follow each other in a day become one, or few of the size that is wanted. */
export async function joinFiles(step: Step, files: readonly ChangesFile[]): Promise<ChangesFile[]> {
  const [first] = files;
  if (!first) return [];
  const rows = concatenate(files.map((file) => readRowGroups(step.store, file, step.columns)));
  return await writeDay(step, first.day, rows);
}

async function writeDays(step: Step, rows: readonly Row[]): Promise<ChangesFile[]> {
  const days = Map.groupBy(rows, dayOf(step.layout));
  const written: ChangesFile[] = [];
  for (const [day, ofDay] of days) written.push(...(await writeDay(step, day, inMemory(ofDay))));
  return written;
}

async function writeDay(step: Step, day: string, rows: SortedRows): Promise<ChangesFile[]> {
  const { store, layout, settings, columns, version, schema } = step;
  const folder = `compacted/table=${layout.table}/dt=${day}`;
  const files = await writeFiles(store, rows, {
    ...{ columns, keyOf: changeKey(layout), targetBytes: settings.targetBytes },
    newKey: () => newFileKey(folder, version),
  });
  return files.map((file) => ({ ...file, day, schema }));
}
