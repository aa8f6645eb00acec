import { isAscii } from 'node:buffer';
import { StringDecoder } from 'node:string_decoder';
import { getDecoder } from 'iconv-lite';
import { ContentError } from './content-error.ts';
import { detectEncoding, type TextEncoding, withoutMark } from './text-encoding.ts';

const SAMPLE_BYTES = 64 * 1024;

/**
 * Decodes a text whose encoding is told from itself, as late as it can be told: a file that is ASCII
 * for its first megabytes may turn out to be EUC-KR then. What cannot be decoded shows as U+FFFD.
 */
export class TextReader {
  #encoding: TextEncoding | undefined;
  #decoder: Decoder | undefined;
  #atStart = true;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;

  /** UTF-8 as long as nothing tells otherwise. */
  get encoding(): TextEncoding {
    return this.#encoding ?? 'utf-8';
  }

  /**
   * @returns what can be decoded by now, which may be nothing
   * @throws ContentError `unknown_encoding`
   */
  read(bytes: Uint8Array): string {
    if (this.#decoder) return this.#decoder.write(bytes);
    if (!this.#atStart && this.#pendingBytes === 0 && isAscii(bytes)) {
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    }
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    return this.#pendingBytes < SAMPLE_BYTES ? '' : this.#decide();
  }

  /** @throws ContentError `unknown_encoding` */
  end(): string {
    const text = this.#pendingBytes > 0 ? this.#decide() : '';
    return text + (this.#decoder?.end() ?? '');
  }

  #decide(): string {
    const bytes = Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    const isFirst = this.#atStart;
    this.#atStart = false;
    if (isAscii(bytes) && !bytes.includes(0)) return bytes.toString('latin1');
    this.#encoding = detectEncoding(bytes);
    if (!this.#encoding) throw unknownEncoding();
    this.#decoder = decoderOf(this.#encoding);
    const text = this.#decoder.write(bytes);
    return isFirst ? withoutMark(text) : text;
  }
}

/** @throws ContentError `unknown_encoding`; errors of the source as they are */
export async function* decodedText(
  source: AsyncIterable<Uint8Array>,
  reader: TextReader,
): AsyncGenerator<string, void, undefined> {
  for await (const bytes of source) {
    const text = reader.read(bytes);
    if (text !== '') yield text;
  }
  const rest = reader.end();
  if (rest !== '') yield rest;
}

interface Decoder {
  write(bytes: Uint8Array): string;
  end(): string | undefined;
}

function decoderOf(encoding: TextEncoding): Decoder {
  if (encoding === 'utf-8') return new StringDecoder('utf8');
  if (encoding === 'utf-16le') return new StringDecoder('utf16le');
  if (encoding === 'utf-16be') return swapped(new StringDecoder('utf16le'));
  const decoder = getDecoder('cp949');
  return { write: (bytes) => decoder.write(Buffer.from(bytes)), end: () => decoder.end() };
}

function swapped(decoder: Decoder): Decoder {
  let odd: Uint8Array = new Uint8Array();
  return {
    write(bytes) {
      const all = Buffer.concat([odd, bytes]);
      const even = all.length - (all.length % 2);
      odd = all.subarray(even);
      return decoder.write(all.subarray(0, even).swap16());
    },
    end: () => (odd.length > 0 ? '\uFFFD' : '') + (decoder.end() ?? ''),
  };
}

const unknownEncoding = () =>
  new ContentError(
    'unknown_encoding',
    'The text is in no encoding that is read here. Save it as UTF-8 and send it again.',
  );
