import { toTimestamp, Unfit } from './cells.ts';
import { DelimitedParser } from './delimited.ts';

export type Row = readonly string[];

/** In this order where two fit equally well. */
const DELIMITERS = [',', '\t', ';', '|'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

export interface Dialect {
  readonly delimiter: Delimiter;
  /** The first rows. */
  readonly rows: readonly Row[];
}

const SAMPLE_ROWS = 100;
const MIN_ROWS = 3;
const MIN_SHARE_OF_HINTED = 0.8;
const strictTime = toTimestamp(false);

/**
 * How the rows of a text are delimited: by what gives all of them the same number of values, two or
 * more. That is held against strictly, for prose has commas, too; less so where the name or the
 * sender says that it is a table (`hinted`), which may then have one column.
 *
 * @param isWhole whether the text ends where the file ends
 */
export function detectDialect(
  text: string,
  { isWhole, hinted }: { readonly isWhole: boolean; readonly hinted: boolean },
): Dialect | undefined {
  const candidates = DELIMITERS.map((delimiter) => {
    const rows = firstRows(text, delimiter, isWhole);
    return { delimiter, rows, ...regularity(rows) };
  });
  const regular = candidates
    .filter(({ columns, share }) => columns > 1 && share >= (hinted ? MIN_SHARE_OF_HINTED : 1))
    .sort((one, other) => other.share - one.share || other.columns - one.columns);
  const [best] = regular;
  if (hinted) return best ?? candidates.find(({ rows }) => rows.length > 0);
  return regular.find(
    ({ delimiter, rows }) => rows.length >= MIN_ROWS && !isProse(rows, delimiter),
  );
}

/** Malformed rows are left to those that count them. */
function firstRows(text: string, delimiter: Delimiter, isWhole: boolean): readonly Row[] {
  const parser = new DelimitedParser(delimiter);
  const records = parser.push(text);
  if (isWhole || records.length === 0) records.push(...parser.end());
  return records.slice(0, SAMPLE_ROWS).map(({ value }) => value ?? []);
}

/** The most frequent number of values, and how many of the rows have it. */
function regularity(rows: readonly Row[]): { columns: number; share: number } {
  const counts = new Map<number, number>();
  for (const { length } of rows) counts.set(length, (counts.get(length) ?? 0) + 1);
  const [[columns, count] = [0, 0]] = [...counts].sort((one, other) => other[1] - one[1]);
  return { columns, share: rows.length === 0 ? 0 : count / rows.length };
}

/** After a comma of prose comes a space, and a line of code ends with its semicolon. */
function isProse(rows: readonly Row[], delimiter: Delimiter): boolean {
  const following = rows.flatMap((row) => row.slice(1));
  const spaced = following.filter((value) => value.startsWith(' ')).length;
  const empty = following.filter((value) => value.trim() === '').length;
  if (empty === following.length) return true;
  if (delimiter === '|') return rows.some((row) => row.every((value) => /^[\s:-]*$/.test(value)));
  return delimiter !== '\t' && spaced * 2 > following.length;
}

/**
 * Whether the first row names the columns. It does if some column below it is of numbers, times or
 * booleans and it is not; and where all is text, if its values are distinct, none is empty and none
 * comes again below itself.
 */
export function hasHeader([first, ...others]: readonly Row[]): boolean {
  if (!first || first.every((name) => name.trim() === '')) return false;
  if (others.length === 0) return !first.some(isTyped);
  const columns = first.map((name, index) => ({
    name,
    below: others.map((row) => row[index] ?? '').filter((value) => value !== ''),
  }));
  if (
    columns.some(({ name, below }) => below.length > 0 && below.every(isTyped) && !isTyped(name))
  ) {
    return true;
  }
  if (first.some(isTyped)) return false;
  const isDistinct = new Set(first).size === first.length && !first.includes('');
  return isDistinct && columns.every(({ name, below }) => !below.includes(name));
}

function isTyped(value: string): boolean {
  const text = value.trim();
  return (
    /^[-+]?[₩$€£]?[\d.,]*\d%?$/.test(text) ||
    /^(?:true|false)$/i.test(text) ||
    !(strictTime(text) instanceof Unfit)
  );
}
