import type { Cell, Column } from '../../content/parquet.ts';

/** Kept of each status, so that a few failures are not lost among many pages that were not found. */
const PER_STATUS = 20;
/** Statuses that get lines of their own; JSON may have any number. */
const MAX_STATUSES = 32;
const MAX_CELL_CHARACTERS = 2048;

export interface ErrorSample {
  add(status: string | undefined, line: number, cells: readonly Cell[]): void;
  /** One JSON object a line: its number in the file, and its columns that hold anything. */
  toJsonLines(): Uint8Array;
}

/**
 * A sample of lines, 20 of each status, each line of a status as likely as any other (Vitter's
 * algorithm R). Chance starts from the same seed always: the same file gives the same sample.
 */
export function errorSample(columns: readonly Column[]): ErrorSample {
  const kept = new Map<string, { seen: number; lines: SampledLine[] }>();
  const random = seededRandom(0x4d494c4c);
  return {
    add(status = '', line, cells) {
      const group = kept.get(status) ?? { seen: 0, lines: [] };
      if (group.seen === 0) {
        if (kept.size >= MAX_STATUSES) return;
        kept.set(status, group);
      }
      group.seen += 1;
      const place = group.seen <= PER_STATUS ? group.seen - 1 : Math.floor(random() * group.seen);
      if (place < PER_STATUS) group.lines[place] = { line, text: toJson(line, columns, cells) };
    },
    toJsonLines() {
      const lines = [...kept.values()].flatMap((group) => group.lines);
      const sorted = lines.toSorted((a, b) => a.line - b.line);
      return Buffer.from(sorted.map(({ text }) => `${text}\n`).join(''));
    },
  };
}

interface SampledLine {
  readonly line: number;
  readonly text: string;
}

function toJson(line: number, columns: readonly Column[], cells: readonly Cell[]): string {
  const row: Record<string, Cell> = {};
  for (const [index, { name }] of columns.entries()) {
    const cell = cells[index];
    if (cell === null || cell === undefined) continue;
    if (typeof cell === 'bigint') row[name] = Number(cell);
    else row[name] = typeof cell === 'string' ? cell.slice(0, MAX_CELL_CHARACTERS) : cell;
  }
  return JSON.stringify({ line, ...row });
}

/** Mulberry32: 0 up to 1. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
