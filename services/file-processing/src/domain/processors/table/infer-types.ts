import type { ColumnType } from '../../content/parquet.ts';
import { toTimestamp, Unfit } from './cells.ts';
import { isExact, MAX_INT64, MIN_INT64 } from './numbers.ts';
import type { Field } from './record.ts';

const INT64 = 1;
const DOUBLE = 2;
const BOOLEAN = 4;
const TIMESTAMP = 8;
const ANY = INT64 | DOUBLE | BOOLEAN | TIMESTAMP;

/** `007` and `+82…` are no numbers: writing them as such would lose what makes them codes. */
const INTEGER = /^-?(?:0|[1-9]\d{0,18})$/;
const DECIMAL = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d{1,3})?$/;
const MAX_EXACT_DIGITS = 15;
const strictTime = toTimestamp(false);

/**
 * The narrowest type of every column that holds all of its fields exactly, found over all rows of
 * the file: nothing has to be thrown away because a later row is not like the first ones. A column
 * of nothing is one of strings.
 */
export class TypeInference {
  readonly #possible: number[] = [];
  readonly #seen: boolean[] = [];

  add(fields: readonly Field[], textIsTyped: boolean): void {
    for (let index = 0; index < fields.length; index += 1) {
      const possible = this.#possible[index] ?? ANY;
      this.#possible[index] = possible;
      const field = fields[index];
      if (possible === 0 || field === null || field === undefined) continue;
      if (field === '' && textIsTyped) continue;
      this.#seen[index] = true;
      this.#possible[index] = possible & typesOf(field, textIsTyped);
    }
  }

  typeOf(index: number): ColumnType {
    const possible = this.#possible[index] ?? 0;
    if (!this.#seen[index]) return 'string';
    if (possible & INT64) return 'int64';
    if (possible & DOUBLE) return 'double';
    if (possible & BOOLEAN) return 'boolean';
    return possible & TIMESTAMP ? 'timestamp' : 'string';
  }
}

function typesOf(field: Exclude<Field, null>, textIsTyped: boolean): number {
  if (typeof field === 'string') return textIsTyped ? typesOfText(field) : 0;
  if (typeof field === 'boolean') return BOOLEAN;
  if (typeof field === 'bigint') return field >= MIN_INT64 && field <= MAX_INT64 ? INT64 : 0;
  return Number.isSafeInteger(field) && !Object.is(field, -0) ? INT64 | DOUBLE : DOUBLE;
}

function typesOfText(text: string): number {
  const first = text.charCodeAt(0);
  const isDigit = first >= 48 && first <= 57;
  if (isDigit || first === 45) {
    if (INTEGER.test(text)) return typesOfInteger(text);
    if (DECIMAL.test(text)) return isExact(text, Number(text)) ? DOUBLE : 0;
    return isDigit && !(strictTime(text) instanceof Unfit) ? TIMESTAMP : 0;
  }
  return /^(?:true|false)$/i.test(text) ? BOOLEAN : 0;
}

function typesOfInteger(text: string): number {
  if (text === '-0') return DOUBLE;
  if (text.length <= MAX_EXACT_DIGITS) return INT64 | DOUBLE;
  const value = BigInt(text);
  return value >= MIN_INT64 && value <= MAX_INT64 ? INT64 : 0;
}
