import type { Cell } from '../../content/parquet.ts';
import { type Convert, converterTo, Unfit } from './cells.ts';
import { columnIndexes, type Dataset, type DatasetColumn, type DatasetRow } from './dataset.ts';
import type { Fault, Field } from './record.ts';
import type { Rows, Taken } from './rows.ts';

interface BoundColumn {
  readonly name: string;
  readonly required: boolean;
  readonly convert: Convert;
  readonly indexes: readonly number[];
}

const missing = new Unfit('missing_value', 'has no value, but must have one');
const ambiguous = new Unfit('ambiguous_value', 'is in the file twice, with different values');

/** Holds rows against a dataset's schema. */
export class DatasetRows implements Rows {
  readonly columns: Dataset['columns'];
  readonly #dataset: Dataset;
  readonly #converters: readonly Convert[];
  #bound: readonly BoundColumn[] = [];
  /** Of the row that is looked at, in one array for all; `#row` shows them by their names. */
  readonly #cells: Cell[] = [];
  readonly #row: DatasetRow;

  constructor(dataset: Dataset, header: readonly string[]) {
    this.columns = dataset.columns;
    this.#dataset = dataset;
    this.#converters = dataset.columns.map((column) => checked(column, dataset.utcOffset));
    this.#row = this.#view();
    this.bind(header);
  }

  bind(header: readonly string[]): void {
    const indexes = columnIndexes(this.#dataset, header);
    this.#bound = this.columns.map(({ name, required = false }, column) => ({
      ...{ name, required, indexes: indexes[column] ?? [] },
      convert: this.#converters[column] ?? (() => missing),
    }));
  }

  take(fields: readonly Field[], into: readonly Cell[][]): Taken {
    const cells = this.#cells;
    let faults: Fault[] | undefined;
    for (let index = 0; index < this.#bound.length; index += 1) {
      const column = this.#bound[index] as BoundColumn;
      const cell = cellOf(column, fields);
      if (cell instanceof Unfit) {
        faults ??= [];
        faults.push(faultOf(column.name, cell));
      } else cells[index] = cell;
    }
    if (faults) return faults;
    if (this.#dataset.keep && !this.#dataset.keep(this.#row)) return 'filtered';
    for (let column = 0; column < into.length; column += 1)
      into[column]?.push(cells[column] ?? null);
    return 'taken';
  }

  /** One object for all rows: making one of each would cost more than all else about a filter. */
  #view(): DatasetRow {
    const cell = (index: number) => ({
      enumerable: true,
      get: () => this.#cells[index] ?? null,
    });
    const names = this.columns.map(({ name }, index) => [name, cell(index)] as const);
    return Object.create(null, Object.fromEntries(names));
  }
}

function cellOf(column: BoundColumn, fields: readonly Field[]): Cell | Unfit {
  const found = fieldOf(column.indexes, fields);
  if (found === undefined) return ambiguous;
  if (found === null) return column.required ? missing : null;
  return column.convert(found);
}

/** @returns undefined where different columns of the file disagree */
function fieldOf(indexes: readonly number[], fields: readonly Field[]): Field | undefined {
  let found: Field = null;
  for (let at = 0; at < indexes.length; at += 1) {
    const given = fields[indexes[at] ?? 0] ?? null;
    const field = typeof given === 'string' ? trimmed(given) : given;
    if (field === null || field === '') continue;
    if (found !== null && found !== field) return undefined;
    found = field;
  }
  return found;
}

const SPACE = 0x20;
const DELETE = 0x7f;

/** Most fields begin and end with a character of ASCII that is no space. */
function trimmed(text: string): string {
  const first = text.charCodeAt(0);
  const last = text.charCodeAt(text.length - 1);
  return first > SPACE && first < DELETE && last > SPACE && last < DELETE ? text : text.trim();
}

function faultOf(column: string, { code, message }: Unfit): Fault {
  return { column, code, message: `${column} ${message}.` };
}

function checked(column: DatasetColumn, utcOffset: string | undefined): Convert {
  const convert = converterTo(column.type, true, utcOffset);
  const check = checkOf(column);
  if (!check) return convert;
  return (field) => {
    const cell = convert(field);
    return cell instanceof Unfit ? cell : (check(cell) ?? cell);
  };
}

function checkOf(column: DatasetColumn): ((cell: Cell) => Unfit | undefined) | undefined {
  const { pattern, values, maximumLength, minimum, maximum } = column;
  const checks: ((cell: Cell) => Unfit | undefined)[] = [];
  const must = (isMet: (cell: Cell) => boolean, unfit: Unfit) =>
    checks.push((cell) => (isMet(cell) ? undefined : unfit));
  if (values) {
    const unfit = new Unfit('not_allowed', `is none of ${values.join(', ')}`);
    const allowed = new Set<Cell>(values);
    must((cell) => allowed.has(cell), unfit);
  }
  // Before the pattern, which then has little to work on.
  if (maximumLength !== undefined) {
    const unfit = new Unfit('too_long', `is longer than ${maximumLength} characters`);
    must((cell) => String(cell).length <= maximumLength, unfit);
  }
  if (pattern) {
    const unfit = new Unfit('pattern_mismatch', 'is not of the form that it must have');
    // A copy that does not remember where it was.
    const stateless = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''));
    must((cell) => stateless.test(String(cell)), unfit);
  }
  if (minimum !== undefined) {
    const unfit = new Unfit('out_of_range', `is below ${minimum}`);
    const least = comparison(minimum);
    must((cell) => isNumeric(cell) && least(cell) <= 0, unfit);
  }
  if (maximum !== undefined) {
    const unfit = new Unfit('out_of_range', `is above ${maximum}`);
    const greatest = comparison(maximum);
    must((cell) => isNumeric(cell) && greatest(cell) >= 0, unfit);
  }
  if (checks.length === 0) return undefined;
  return (cell) => {
    for (const check of checks) {
      const unfit = check(cell);
      if (unfit) return unfit;
    }
    return undefined;
  };
}

/**
 * How the bound compares with a cell. Node compares integers with each other at once, but an integer with
 * a number in a function call.
 */
function comparison(bound: number): (cell: number | bigint) => number {
  const integer = Number.isInteger(bound) ? BigInt(bound) : undefined;
  return (cell) => {
    const other = typeof cell === 'bigint' ? (integer ?? bound) : bound;
    if (other === cell) return 0;
    return other > cell ? 1 : -1;
  };
}

function isNumeric(cell: Cell): cell is number | bigint {
  return typeof cell === 'number' || typeof cell === 'bigint';
}
