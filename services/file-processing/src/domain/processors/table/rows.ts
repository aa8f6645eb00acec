import type { Cell, Column } from '../../content/parquet.ts';
import { type Convert, converterTo, Unfit } from './cells.ts';
import type { TypeInference } from './infer-types.ts';
import type { Fault, Field } from './record.ts';

/** What became of a row; why it was not taken, where it was not. */
export type Taken = 'taken' | 'filtered' | readonly Fault[];

/** Turns fields into cells. */
export interface Rows {
  readonly columns: readonly Column[];
  /** Told whenever the file turns out to have more names than were known. */
  bind(header: readonly string[]): void;
  /** Adds a row's cells to their columns, unless there is something about it. */
  take(fields: readonly Field[], into: readonly Cell[][]): Taken;
}

/** Rows of a file that belongs to no dataset: as they are, in the types that were found. */
export class InferredRows implements Rows {
  readonly columns: readonly Column[];
  readonly #converters: readonly Convert[];
  readonly #emptyIsNull: boolean;

  constructor(header: readonly string[], types: TypeInference, emptyIsNull: boolean) {
    this.columns = columnNames(header).map((name, index) => ({ name, type: types.typeOf(index) }));
    this.#converters = this.columns.map(({ type }) => converterTo(type, false));
    this.#emptyIsNull = emptyIsNull;
  }

  bind(): void {}

  take(fields: readonly Field[], into: readonly Cell[][]): Taken {
    for (let index = 0; index < into.length; index += 1) {
      const field = fields[index] ?? null;
      const isNull = field === null || (field === '' && this.#emptyIsNull);
      const cell = isNull ? null : (this.#converters[index]?.(field) ?? null);
      if (cell instanceof Unfit) throw new TypeError('A file has changed between two readings.');
      into[index]?.push(cell);
    }
    return 'taken';
  }
}

const MAX_NAME_LENGTH = 200;

/** Unique, and so for readers to whom case makes no difference, like DuckDB and Athena. */
export function columnNames(header: readonly string[]): string[] {
  const taken = new Set<string>();
  const numbers = new Map<string, number>();
  return header.map((name, index) => {
    const trimmed = name.normalize('NFC').trim().slice(0, MAX_NAME_LENGTH).toWellFormed();
    const wanted = trimmed === '' ? `column_${index + 1}` : trimmed;
    const key = wanted.toLowerCase();
    let number = numbers.get(key) ?? 1;
    let unique = wanted;
    while (taken.has(unique.toLowerCase())) {
      number += 1;
      unique = `${wanted}_${number}`;
    }
    numbers.set(key, number);
    taken.add(unique.toLowerCase());
    return unique;
  });
}
