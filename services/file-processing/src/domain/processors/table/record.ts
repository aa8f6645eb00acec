/** Why a row was not taken: `code` is stable, snake_case; `message` is for who made the file. */
export interface Fault {
  /** Absent where the row as a whole is at fault. */
  readonly column?: string;
  readonly code: string;
  readonly message: string;
}

/** A scalar as the file has it; text where the file has nothing but text. */
export type Field = string | number | bigint | boolean | null;

/** One row as it was found in the file. */
export interface SourceRecord<T> {
  /** Where it starts, from 1: the physical line, though values may span several. */
  readonly line: number;
  /** As it stands in the file. Of what could not be read to its end, the first line. */
  readonly raw: string;
  /** Undefined where `fault` says why it could not be read. */
  readonly value: T | undefined;
  readonly fault: Fault | undefined;
}

/** Turns text that comes in parts into records. */
export interface RecordParser<T> {
  /** @returns the records that are complete by now */
  push(text: string): SourceRecord<T>[];
  /** @returns what is left */
  end(): SourceRecord<T>[];
}

/** In UTF-16 units. It is also how far is looked for a quote or bracket that closes. */
export const MAX_RECORD_LENGTH = 1024 ** 2;

export const tooLong: Fault = {
  code: 'record_too_long',
  message: 'The row is longer than 1 MiB.',
};

const undecodable: Fault = {
  code: 'undecodable_text',
  message: "Some of the row's bytes are no text in the encoding of the file.",
};

const nul: Fault = { code: 'nul_character', message: 'The row holds a NUL character.' };

/** What no reader of the result could do anything with. */
export function illegible(text: string): Fault | undefined {
  if (text.includes('\0')) return nul;
  return text.includes('\uFFFD') || !text.isWellFormed() ? undecodable : undefined;
}
