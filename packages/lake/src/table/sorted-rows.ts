import type { Row } from '../row.ts';
import type { KeyOf } from './table-layout.ts';

/** Rows in the order of their keys, each key once, piece by piece. */
export type SortedRows = AsyncIterable<readonly Row[]>;

/** Reads sorted rows one by one. */
class Cursor {
  readonly #pieces: AsyncIterator<readonly Row[]>;
  readonly #keyOf: KeyOf;
  #piece: readonly Row[] = [];
  #at = 0;
  row: Row | undefined;
  key = '';

  constructor(rows: SortedRows, keyOf: KeyOf) {
    this.#pieces = rows[Symbol.asyncIterator]();
    this.#keyOf = keyOf;
  }

  /** Whether the next row needs reading. */
  get isDry(): boolean {
    return this.#at >= this.#piece.length;
  }

  async refill(): Promise<void> {
    while (this.isDry) {
      const { done, value } = await this.#pieces.next();
      if (done) return;
      this.#piece = value;
      this.#at = 0;
    }
  }

  next(): void {
    this.row = this.#piece[this.#at];
    this.#at += 1;
    if (this.row) this.key = this.#keyOf(this.row);
  }
}

const PIECE_ROWS = 1_000;

/**
 * The union of sorted rows, in order. Memory: a piece of each.
 *
 * @param choose which of two rows with the same key stays
 */
export async function* mergeSorted(
  inputs: readonly SortedRows[],
  keyOf: KeyOf,
  choose: (one: Row, other: Row) => Row,
): AsyncGenerator<Row[]> {
  const cursors = inputs.map((rows) => new Cursor(rows, keyOf));
  for (const cursor of cursors) await advance(cursor);
  let piece: Row[] = [];
  for (;;) {
    const least = leastOf(cursors);
    if (!least?.row) break;
    const { key } = least;
    let chosen = least.row;
    for (const cursor of cursors) {
      if (!cursor.row || cursor.key !== key) continue;
      if (cursor !== least) chosen = choose(chosen, cursor.row);
      if (cursor.isDry) await cursor.refill();
      cursor.next();
    }
    piece.push(chosen);
    if (piece.length < PIECE_ROWS) continue;
    yield piece;
    piece = [];
  }
  if (piece.length > 0) yield piece;
}

async function advance(cursor: Cursor): Promise<void> {
  await cursor.refill();
  cursor.next();
}

function leastOf(cursors: readonly Cursor[]): Cursor | undefined {
  let least: Cursor | undefined;
  for (const cursor of cursors) {
    if (cursor.row && (!least?.row || cursor.key < least.key)) least = cursor;
  }
  return least;
}

/** Files whose keys lie in a row: one after the other. */
export async function* concatenate(inputs: readonly SortedRows[]): AsyncGenerator<readonly Row[]> {
  for (const rows of inputs) yield* rows;
}

/** Rows in memory, sorted here; of those with one key the one that `choose` says. */
export function sortRows(
  rows: readonly Row[],
  keyOf: KeyOf,
  choose: (one: Row, other: Row) => Row,
): Row[] {
  const chosen = new Map<string, Row>();
  for (const row of rows) {
    const key = keyOf(row);
    const known = chosen.get(key);
    chosen.set(key, known ? choose(known, row) : row);
  }
  return [...chosen].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row);
}

export async function* inMemory(rows: readonly Row[]): AsyncGenerator<readonly Row[]> {
  yield rows;
}
