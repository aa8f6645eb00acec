import { ContentError } from '../../content/content-error.ts';
import { isExact } from './numbers.ts';
import {
  type Fault,
  type Field,
  illegible,
  MAX_RECORD_LENGTH,
  type RecordParser,
  type SourceRecord,
  tooLong,
} from './record.ts';

/** Scalars as they are; arrays and objects as JSON text. */
export type JsonRow = Readonly<Record<string, Field>>;

/** Not in TypeScript's library yet: https://github.com/tc39/proposal-json-parse-with-source */
const { rawJSON, isRawJSON } = JSON as unknown as {
  rawJSON(source: string): unknown;
  isRawJSON(value: unknown): value is { readonly rawJSON: string };
};
type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

const notJson: Fault = { code: 'not_json', message: 'The row is not well-formed JSON.' };
const notAnObject: Fault = { code: 'not_an_object', message: 'The row is not a JSON object.' };
const tooDeep: Fault = { code: 'too_deep', message: 'The row is nested too deeply.' };

/** Most numbers are short, and cannot lose anything; a reviver costs several times the parser. */
const LONG_NUMBER = /[\d.]{16}|\d[eE]/;
const UNICODE_ESCAPE = /\\u/i;

/** One JSON object per line. */
export class JsonLinesParser implements RecordParser<JsonRow> {
  #text = '';
  #line = 1;
  #skipping = false;

  push(text: string): SourceRecord<JsonRow>[] {
    this.#text += text;
    const records: SourceRecord<JsonRow>[] = [];
    let from = 0;
    for (let end = this.#text.indexOf('\n'); end !== -1; end = this.#text.indexOf('\n', from)) {
      this.#add(this.#text.slice(from, end), records);
      this.#line += 1;
      this.#skipping = false;
      from = end + 1;
    }
    this.#text = this.#skipping ? '' : this.#text.slice(from);
    if (this.#text.length > MAX_RECORD_LENGTH) {
      this.#add(this.#text, records);
      this.#skipping = true;
      this.#text = '';
    }
    return records;
  }

  end(): SourceRecord<JsonRow>[] {
    const records: SourceRecord<JsonRow>[] = [];
    this.#add(this.#text, records);
    return records;
  }

  #add(text: string, records: SourceRecord<JsonRow>[]): void {
    const raw = text.trim();
    if (raw !== '' && !this.#skipping) records.push(toRecord(this.#line, raw));
  }
}

const OPEN = /["[\]{},]/g;
const IN_STRING = /["\\]/g;

/**
 * One JSON array of objects, whose elements are told apart without being parsed: each is parsed by
 * itself, so that memory holds one, and one that is malformed costs only itself.
 */
export class JsonArrayParser implements RecordParser<JsonRow> {
  #text = '';
  #line = 1;
  #at = 0;
  #depth = 0;
  #inString = false;

  /** @throws ContentError `unreadable_json` where an element does not end */
  push(text: string): SourceRecord<JsonRow>[] {
    this.#text += text;
    const records: SourceRecord<JsonRow>[] = [];
    let from = 0;
    for (let mark = this.#nextMark(); mark !== undefined; mark = this.#nextMark()) {
      const was = this.#depth;
      this.#depth = depthAfter(mark, was);
      if (was === 0 && this.#depth === 1) this.#line += breaksIn(this.#text.slice(from, this.#at));
      else if (was === 1 && (mark === ',' || this.#depth === 0)) {
        this.#add(this.#text.slice(from, this.#at - 1), records);
      } else continue;
      from = this.#at;
    }
    this.#text = this.#text.slice(from);
    this.#at = Math.max(0, this.#at - from);
    if (this.#text.length > MAX_RECORD_LENGTH) throw unreadable(this.#line);
    return records;
  }

  end(): SourceRecord<JsonRow>[] {
    const records: SourceRecord<JsonRow>[] = [];
    this.#add(this.#text, records);
    return records;
  }

  /** Outside of strings, up to which it reads. */
  #nextMark(): string | undefined {
    for (;;) {
      const pattern = this.#inString ? IN_STRING : OPEN;
      pattern.lastIndex = this.#at;
      const found = pattern.exec(this.#text);
      if (found === null) {
        this.#at = this.#text.length;
        return undefined;
      }
      const [mark] = found;
      // What a backslash escapes may not be there yet: it is looked at again with it.
      if (mark === '\\' && found.index + 1 === this.#text.length) {
        this.#at = found.index;
        return undefined;
      }
      this.#at = found.index + (mark === '\\' ? 2 : 1);
      if (mark === '"') this.#inString = !this.#inString;
      else if (mark !== '\\') return mark;
    }
  }

  /** A comma may follow the last element, as many programs write it. */
  #add(text: string, records: SourceRecord<JsonRow>[]): void {
    const raw = text.trim();
    const leading = breaksIn(text.slice(0, text.length - text.trimStart().length));
    if (raw !== '') records.push(toRecord(this.#line + leading, raw));
    this.#line += breaksIn(text);
  }
}

/** 1 inside of the array, 2 and up inside of an element. A brace too many closes nothing. */
function depthAfter(mark: string, depth: number): number {
  if (mark === '[' || (mark === '{' && depth > 0)) return depth + 1;
  if (mark === ']') return Math.max(0, depth - 1);
  return mark === '}' && depth > 1 ? depth - 1 : depth;
}

function toRecord(line: number, raw: string): SourceRecord<JsonRow> {
  const fault = raw.length > MAX_RECORD_LENGTH ? tooLong : illegible(raw);
  if (fault) return { line, raw, value: undefined, fault };
  try {
    const parsed: unknown = LONG_NUMBER.test(raw)
      ? (JSON.parse as (text: string, reviver: Reviver) => unknown)(raw, exactly)
      : JSON.parse(raw);
    if (!isObject(parsed)) return { line, raw, value: undefined, fault: notAnObject };
    const value = flattened(parsed);
    const escaped = UNICODE_ESCAPE.test(raw) ? illegibleRow(value) : undefined;
    return { line, raw, value: escaped ? undefined : value, fault: escaped };
  } catch (error) {
    // The engine's parser and printer run out of stack, not of memory.
    return { line, raw, value: undefined, fault: error instanceof RangeError ? tooDeep : notJson };
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawJSON(value);
}

const exactly: Reviver = (_, value, { source }) =>
  typeof value === 'number' && source !== undefined && !isExact(source, value)
    ? rawJSON(source)
    : value;

function flattened(row: Record<string, unknown>): JsonRow {
  for (const name of Object.keys(row)) {
    const value = row[name];
    if (typeof value !== 'object' || value === null) continue;
    row[name] = isRawJSON(value) ? exactNumber(value.rawJSON) : JSON.stringify(value);
  }
  return row as JsonRow;
}

/** A number that JavaScript cannot hold: as an integer of any size, or as the text that it is. */
function exactNumber(source: string): bigint | string {
  return /^-?\d+$/.test(source) ? BigInt(source) : source;
}

/** Escapes can write what no encoding can: half a character. */
function illegibleRow(row: JsonRow): Fault | undefined {
  for (const [name, field] of Object.entries(row)) {
    const fault = illegible(name) ?? (typeof field === 'string' ? illegible(field) : undefined);
    if (fault) return fault;
  }
  return undefined;
}

function breaksIn(text: string): number {
  return text.match(/\r\n?|\n/g)?.length ?? 0;
}

const unreadable = (line: number) =>
  new ContentError(
    'unreadable_json',
    `The element of the array that starts in line ${line} does not end within 1 MiB.`,
  );
