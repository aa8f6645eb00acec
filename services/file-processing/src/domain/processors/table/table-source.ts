import { ContentError } from '../../content/content-error.ts';
import { type Compression, decompressed } from '../../content/decompress.ts';
import { decodedText, TextReader } from '../../content/text-decoding.ts';
import type { TextEncoding } from '../../content/text-encoding.ts';
import type { Upload } from '../../processor.ts';
import { DelimitedParser } from './delimited.ts';
import { type Delimiter, detectDialect, hasHeader } from './dialect.ts';
import { JsonArrayParser, JsonLinesParser, type JsonRow } from './json.ts';
import type { Fault, Field, RecordParser, SourceRecord } from './record.ts';

/** One row of a file of any format: its fields in the order of the header. */
export type TableRow = SourceRecord<readonly Field[]>;

export interface TableFormat {
  readonly name: 'csv' | 'tsv' | 'json' | 'ndjson';
  readonly compression?: Compression;
  readonly delimiter?: Delimiter;
  readonly hasHeader?: boolean;
  /** Whether the file tells text from numbers. */
  readonly isTyped: boolean;
}

const LIMITS = { maxBytes: 5 * 1024 ** 3, maxRatio: 1000 };
const HEAD_LENGTH = 64 * 1024;
const MAX_COLUMNS = 16_384;

/** A file that can be read from its start as often as is needed. */
export class TableSource {
  readonly #upload: Upload;
  readonly #onBytes: (bytes: number) => Promise<void>;
  readonly #indexes = new Map<string, number>();
  readonly header: string[] = [];
  encoding: TextEncoding = 'utf-8';
  format: TableFormat = { name: 'csv', isTyped: false };

  private constructor(upload: Upload, onBytes: (bytes: number) => Promise<void>) {
    this.#upload = upload;
    this.#onBytes = onBytes;
  }

  /**
   * Looks at the head of the file for its format and header.
   *
   * @throws ContentError for bytes that are no text, no archive or no table
   */
  static async open(
    upload: Upload,
    onBytes: (bytes: number) => Promise<void>,
  ): Promise<TableSource> {
    const source = new TableSource(upload, onBytes);
    await source.#open();
    return source;
  }

  async #open(): Promise<void> {
    const compression = await compressionOf(this.#upload);
    const base = compression === undefined ? {} : { compression };
    this.format = { name: 'csv', isTyped: false, ...base };
    const { text, isWhole } = await this.#head();
    const type = this.#upload.mediaType;
    if (type === 'application/json' || type === 'application/x-ndjson') {
      const name = type === 'application/json' ? 'json' : 'ndjson';
      this.format = { name, isTyped: true, ...base };
      const parser = this.#jsonParser();
      for (const { value } of [...parser.push(text), ...(isWhole ? parser.end() : [])]) {
        if (value) this.#fieldsOf(value);
      }
      return;
    }
    const dialect = detectDialect(text, { isWhole, hinted: true });
    if (!dialect) throw notATable();
    const { delimiter, rows } = dialect;
    const named = hasHeader(rows);
    this.format = {
      ...{ name: delimiter === '\t' ? 'tsv' : 'csv', delimiter, hasHeader: named, isTyped: false },
      ...base,
    };
    const columns = rows[0] ?? [];
    if (columns.length > MAX_COLUMNS) throw tooManyColumns();
    this.header.push(...(named ? columns : columns.map(() => '')));
  }

  /** Rows in the batches in which they come. The header grows while a file of JSON is read. */
  async *rows(): AsyncGenerator<TableRow[], void, undefined> {
    if (this.format.isTyped) {
      const parser = this.#jsonParser();
      yield* recordsOf(this.#text(), parser, (record) => this.#jsonRow(record));
      return;
    }
    const parser = new DelimitedParser(this.format.delimiter ?? ',');
    let isHeader = this.format.hasHeader === true;
    yield* recordsOf(this.#text(), parser, (record) => {
      const row = isHeader ? undefined : this.#delimitedRow(record);
      isHeader = false;
      return row;
    });
  }

  #delimitedRow(record: SourceRecord<readonly string[]>): TableRow {
    const { line, raw, value } = record;
    const expected = this.header.length;
    if (!value || value.length === expected) return record;
    // Sheets are exported with the empty columns to their right.
    const isRagged =
      value.length < expected || value.slice(expected).some((field) => field.trim() !== '');
    if (!isRagged) return record;
    return { line, raw, value: undefined, fault: wrongFieldCount(value.length, expected) };
  }

  #jsonRow({ line, raw, value, fault }: SourceRecord<JsonRow>): TableRow {
    return { line, raw, value: value && this.#fieldsOf(value), fault };
  }

  #fieldsOf(row: JsonRow): readonly Field[] {
    const fields: Field[] = new Array(this.header.length).fill(null);
    for (const name of Object.keys(row)) {
      fields[this.#indexOf(name)] = row[name] ?? null;
    }
    return fields;
  }

  #indexOf(name: string): number {
    const known = this.#indexes.get(name);
    if (known !== undefined) return known;
    if (this.header.length >= MAX_COLUMNS) throw tooManyColumns();
    this.#indexes.set(name, this.header.length);
    return this.header.push(name) - 1;
  }

  #jsonParser(): RecordParser<JsonRow> {
    return this.format.name === 'json' ? new JsonArrayParser() : new JsonLinesParser();
  }

  async #head(): Promise<{ text: string; isWhole: boolean }> {
    let text = '';
    for await (const part of this.#text()) {
      text += part;
      if (text.length > HEAD_LENGTH) return { text, isWhole: false };
    }
    return { text, isWhole: true };
  }

  async *#text(): AsyncGenerator<string, void, undefined> {
    const reader = new TextReader();
    const bytes = decompressed(this.#counted(), this.format.compression, LIMITS);
    for await (const text of decodedText(bytes, reader)) {
      this.encoding = reader.encoding;
      yield text;
    }
  }

  async *#counted(): AsyncGenerator<Uint8Array> {
    let read = 0;
    for await (const bytes of this.#upload.read()) {
      read += bytes.length;
      await this.#onBytes(read);
      yield bytes;
    }
  }
}

async function* recordsOf<T>(
  text: AsyncIterable<string>,
  parser: RecordParser<T>,
  toRow: (record: SourceRecord<T>) => TableRow | undefined,
): AsyncGenerator<TableRow[], void, undefined> {
  const rowsOf = (records: readonly SourceRecord<T>[]) => {
    const rows: TableRow[] = [];
    for (const record of records) {
      const row = toRow(record);
      if (row) rows.push(row);
    }
    return rows;
  };
  for await (const part of text) yield rowsOf(parser.push(part));
  yield rowsOf(parser.end());
}

/** RFC 1952 and RFC 8878: what the files start with. */
async function compressionOf(upload: Upload): Promise<Compression | undefined> {
  if (upload.size < 4) return undefined;
  let start = Buffer.alloc(0);
  for await (const bytes of upload.read({ from: 0, to: 3 })) {
    start = Buffer.concat([start, bytes]);
    if (start.length >= 4) break;
  }
  if (start[0] === 0x1f && start[1] === 0x8b) return 'gzip';
  return start.readUInt32LE() === 0xfd2fb528 ? 'zstd' : undefined;
}

function wrongFieldCount(found: number, expected: number): Fault {
  return {
    code: 'wrong_field_count',
    message: `The row has ${found} values where ${expected} are named.`,
  };
}

const notATable = () =>
  new ContentError('not_a_table', 'The file holds no rows that can be told apart.');

const tooManyColumns = () =>
  new ContentError(
    'too_many_columns',
    `The table has more than ${MAX_COLUMNS.toLocaleString('en')} columns. Turn it, or split it.`,
  );
