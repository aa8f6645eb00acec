import {
  type Fault,
  illegible,
  MAX_RECORD_LENGTH,
  type RecordParser,
  type SourceRecord,
  tooLong,
} from './record.ts';

type Row = readonly string[];
type Quoted = { readonly fields: string[]; readonly end: number } | Fault | 'incomplete';

const QUOTE = '"';
const NONE = Number.POSITIVE_INFINITY;

const quoteLeftOpen: Fault = {
  code: 'quote_left_open',
  message: 'A quote is opened and not closed within 1 MiB, or before the file ends.',
};
const strayQuote: Fault = {
  code: 'stray_quote',
  message: 'After the quote that closes a value there is something other than a delimiter.',
};

/**
 * CSV as RFC 4180 has it, with any delimiter, and with any mixture of line ends. Lines of nothing are
 * no rows. A quote inside of a value that does not start with one is a character like others. What
 * cannot be read costs its first line only: reading goes on with the next.
 *
 * Lines without quotes, which is most of them, are only searched and split; that is what makes it as
 * fast as it is. Memory holds a part of the text and `MAX_RECORD_LENGTH`.
 */
export class DelimitedParser implements RecordParser<Row> {
  readonly #delimiter: string;
  #text = '';
  #line = 1;
  /** Inside of a line that is too long, up to its end. */
  #skipping = false;
  #atEnd = false;
  #lineFeed = -1;
  #carriageReturn = -1;
  #quote = -1;
  #separator = -1;

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
  }

  push(text: string): SourceRecord<Row>[] {
    this.#text += text;
    return this.#parse();
  }

  end(): SourceRecord<Row>[] {
    this.#atEnd = true;
    return this.#parse();
  }

  #parse(): SourceRecord<Row>[] {
    const text = this.#text;
    const isLegible = illegible(text) === undefined;
    const records: SourceRecord<Row>[] = [];
    const add = (raw: string, fields: Row | undefined, fault: Fault | undefined) => {
      const found = fault ?? (isLegible ? undefined : illegible(raw));
      records.push({ line: this.#line, raw, value: found ? undefined : fields, fault: found });
    };
    this.#forget();
    let from = 0;
    while (from < text.length) {
      const end = this.#lineEnd(from);
      const next = this.#afterLine(end);
      if (this.#skipping) {
        this.#skipping = next === NONE;
        from = this.#skipping ? text.length : this.#goOn(next);
      } else if (this.#nextQuote(from) < end) {
        const quoted = this.#quoted(from);
        if (quoted === 'incomplete') break;
        if ('code' in quoted) {
          add(text.slice(from, end), undefined, quoted);
          this.#forget();
          this.#skipping = next === NONE;
          from = this.#skipping ? text.length : this.#goOn(next);
        } else {
          const raw = text.slice(from, quoted.end);
          add(raw, quoted.fields, undefined);
          this.#line += breaksIn(raw);
          from = this.#goOn(this.#afterLine(quoted.end));
        }
      } else if (next === NONE) {
        if (text.length - from <= MAX_RECORD_LENGTH) break;
        add(text.slice(from), undefined, tooLong);
        this.#skipping = true;
        from = text.length;
      } else {
        const line = text.slice(from, end);
        if (line.length > MAX_RECORD_LENGTH) add(line, undefined, tooLong);
        else if (line !== '') add(line, line.split(this.#delimiter), undefined);
        from = this.#goOn(next);
      }
    }
    this.#text = text.slice(from);
    return records;
  }

  #goOn(next: number): number {
    this.#line += 1;
    return next;
  }

  /** @returns where the values end, past which a line end or nothing follows */
  #quoted(start: number): Quoted {
    const text = this.#text;
    const mayGrow = !this.#atEnd && text.length - start <= MAX_RECORD_LENGTH;
    const fields: string[] = [];
    let at = start;
    for (;;) {
      if (text.startsWith(QUOTE, at)) {
        const closing = closingQuote(text, at + 1);
        // A quote that is the last character seen may be the first of two.
        if (closing === -1 || (closing + 1 === text.length && !this.#atEnd)) {
          return mayGrow ? 'incomplete' : quoteLeftOpen;
        }
        fields.push(text.slice(at + 1, closing).replaceAll('""', QUOTE));
        at = closing + 1;
      } else {
        const end = Math.min(this.#nextDelimiter(at), this.#lineEnd(at), text.length);
        fields.push(text.slice(at, end));
        at = end;
      }
      if (at - start > MAX_RECORD_LENGTH) return tooLong;
      if (!text.startsWith(this.#delimiter, at)) break;
      at += 1;
    }
    const next = this.#afterLine(this.#lineEnd(at) === at ? at : NONE);
    if (at < text.length && this.#lineEnd(at) !== at) return strayQuote;
    return next === NONE && !this.#atEnd ? 'incomplete' : { fields, end: at };
  }

  #lineEnd(from: number): number {
    if (this.#lineFeed < from) this.#lineFeed = this.#next('\n', from);
    if (this.#carriageReturn < from) this.#carriageReturn = this.#next('\r', from);
    const end = Math.min(this.#lineFeed, this.#carriageReturn);
    return end === NONE && this.#atEnd ? this.#text.length : end;
  }

  /** @returns where the next line starts, NONE where that has not been seen yet */
  #afterLine(end: number): number {
    if (end >= this.#text.length) return this.#atEnd ? this.#text.length : NONE;
    if (!this.#text.startsWith('\r', end)) return end + 1;
    if (end + 1 === this.#text.length && !this.#atEnd) return NONE;
    return this.#text.startsWith('\n', end + 1) ? end + 2 : end + 1;
  }

  #nextQuote(from: number): number {
    if (this.#quote < from) this.#quote = this.#next(QUOTE, from);
    return this.#quote;
  }

  #nextDelimiter(from: number): number {
    if (this.#separator < from) this.#separator = this.#next(this.#delimiter, from);
    return this.#separator;
  }

  /** What has been found lies ahead only as long as reading goes forward. */
  #forget(): void {
    this.#lineFeed = this.#carriageReturn = this.#quote = this.#separator = -1;
  }

  #next(character: string, from: number): number {
    const at = this.#text.indexOf(character, from);
    return at === -1 ? NONE : at;
  }
}

/** Two quotes are one that belongs to the value. */
function closingQuote(text: string, from: number): number {
  let at = text.indexOf(QUOTE, from);
  while (at !== -1 && text.startsWith(QUOTE, at + 1)) at = text.indexOf(QUOTE, at + 2);
  return at;
}

function breaksIn(raw: string): number {
  return raw.match(/\r\n?|\n/g)?.length ?? 0;
}
