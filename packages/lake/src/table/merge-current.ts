import type { Row } from '../row.ts';
import type { DataFile, Segment } from './manifest.ts';
import type { Step } from './merge-changes.ts';
import { ParquetFileWriter, readRowGroups } from './parquet-file.ts';
import { inMemory, mergeSorted, type SortedRows, sortRows } from './sorted-rows.ts';
import { newFileKey } from './table-files.ts';
import { itemKey, liveColumns, removedColumns, textOf, timeOf } from './table-layout.ts';

/** The marker of a row that stands for the end of an item, among rows on their way to the files. */
const ENDED: unique symbol = Symbol('ended');
type State = Row & { readonly [ENDED]?: true };

/**
 * The latest state of every item with more changes: of all changes of an item the one that is last
 * in order wins, in whatever order they come. Only segments with such items are written again.
 *
 * @param now milliseconds: ends that are older than they are kept for are forgotten
 */
export async function mergeCurrent(
  step: Step,
  segments: readonly Segment[],
  changes: readonly Row[],
  now: number,
): Promise<Segment[]> {
  const { layout } = step;
  const keyOf = itemKey(layout);
  const states = changes.map((row): State => {
    return layout.ends.includes(textOf(row, layout.op)) ? { ...row, [ENDED]: true } : row;
  });
  const newest = sortRows(states, keyOf, newestOf(step)).map((row) => ({ row, key: keyOf(row) }));
  const merged: Segment[] = [];
  let at = 0;
  const known = segments.length > 0 ? segments : [{ from: '' }];
  for (const [nth, segment] of known.entries()) {
    const end = known[nth + 1]?.from;
    const start = at;
    while (at < newest.length && (end === undefined || (newest[at]?.key ?? '') < end)) at += 1;
    if (at === start) merged.push(segment);
    else {
      const rows = newest.slice(start, at).map(({ row }) => row);
      merged.push(...(await mergeSegment(step, segment, rows, now)));
    }
  }
  return merged;
}

/** Two changes with one order value are the same change. */
function newestOf({ layout }: Step) {
  return (one: Row, other: Row): Row =>
    textOf(other, layout.order) > textOf(one, layout.order) ? other : one;
}

async function mergeSegment(
  step: Step,
  { from, live, removed }: Segment,
  rows: readonly Row[],
  now: number,
): Promise<Segment[]> {
  const { layout, settings } = step;
  const keyOf = itemKey(layout);
  const inputs: SortedRows[] = [inMemory(rows)];
  const columns = {
    live: liveColumns(step.columns, layout),
    removed: removedColumns(step.columns, layout),
  };
  if (live) inputs.push(readRowGroups(step.store, live, columns.live));
  if (removed) inputs.push(ended(readRowGroups(step.store, removed, columns.removed)));
  const writer = new SegmentWriter(step, columns, from);
  try {
    for await (const piece of mergeSorted(inputs, keyOf, newestOf(step))) {
      for (const row of piece as readonly State[]) {
        const isOld =
          row[ENDED] && timeOf(row, layout.time).getTime() < now - settings.removedKeptMs;
        if (!isOld) await writer.add(row, row[ENDED] ? 'removed' : 'live');
      }
    }
    return await writer.finish();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

async function* ended(rows: SortedRows): AsyncGenerator<readonly Row[]> {
  for await (const piece of rows) yield piece.map((row): State => ({ ...row, [ENDED]: true }));
}

type Kind = 'live' | 'removed';

/** Writes the items of a segment, and goes on with another when one has its size. */
class SegmentWriter {
  readonly #step: Step;
  readonly #columns: Readonly<Record<Kind, ReturnType<typeof liveColumns>>>;
  readonly #done: Segment[] = [];
  #from: string;
  /** The next row begins a segment. */
  #isFull = false;
  #open: Partial<Record<Kind, ParquetFileWriter>> = {};

  constructor(
    step: Step,
    columns: Readonly<Record<Kind, ReturnType<typeof liveColumns>>>,
    from: string,
  ) {
    this.#step = step;
    this.#columns = columns;
    this.#from = from;
  }

  async add(row: Row, kind: Kind): Promise<void> {
    const { store, layout, version, settings } = this.#step;
    const keyOf = itemKey(layout);
    if (this.#isFull) {
      await this.#endSegment();
      this.#from = keyOf(row);
      this.#isFull = false;
    }
    const folder = `${kind === 'live' ? 'current' : 'removed'}/table=${layout.table}`;
    const writer =
      this.#open[kind] ??
      new ParquetFileWriter(store, newFileKey(folder, version), this.#columns[kind], {
        ...{ keyOf, targetBytes: settings.targetBytes },
      });
    this.#open[kind] = writer;
    await writer.add(row);
    this.#isFull = writer.size >= settings.targetBytes;
  }

  async finish(): Promise<Segment[]> {
    await this.#endSegment();
    return this.#done;
  }

  async abort(): Promise<void> {
    for (const writer of Object.values(this.#open)) await writer.abort();
  }

  async #endSegment(): Promise<void> {
    const files: Partial<Record<Kind, DataFile>> = {};
    for (const kind of ['live', 'removed'] as const) {
      const file = await this.#open[kind]?.finish();
      if (file) files[kind] = file;
    }
    this.#open = {};
    this.#done.push({ from: this.#from, ...files });
  }
}
