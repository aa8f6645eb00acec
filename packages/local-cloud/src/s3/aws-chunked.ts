import { S3Error } from './errors.ts';

/** A chunk's header line and a trailer line are short; more is not this format. */
const MAX_LINE = 16_384;

type Phase = 'size' | 'data' | 'data-end' | 'trailer' | 'done';

/**
 * Decodes a body in the `aws-chunked` encoding piece by piece. Chunk signatures are passed over:
 * the local cloud takes any credentials on a header-signed request.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
export class AwsChunkedDecoder {
  /** Lower-case names; filled when the body has ended. */
  readonly trailers = new Map<string, string>();
  #phase: Phase = 'size';
  #line = '';
  #left = 0;

  /** The data in this piece of the body. @throws S3Error IncompleteBody for anything malformed */
  *decode(bytes: Uint8Array): Generator<Uint8Array> {
    let at = 0;
    while (at < bytes.length && this.#phase !== 'done') {
      if (this.#phase === 'data') {
        const end = Math.min(bytes.length, at + this.#left);
        yield bytes.subarray(at, end);
        this.#left -= end - at;
        if (this.#left === 0) this.#phase = 'data-end';
        at = end;
      } else {
        at = this.#readLine(bytes, at);
      }
    }
  }

  /** Call when the body is over. @throws S3Error IncompleteBody when it was cut off */
  end(): void {
    // Some clients leave the last empty line away.
    if (this.#phase === 'trailer' && this.#line === '') return;
    if (this.#phase !== 'done') throw malformed();
  }

  #readLine(bytes: Uint8Array, from: number): number {
    const newline = bytes.indexOf(10, from);
    const end = newline < 0 ? bytes.length : newline;
    this.#line += Buffer.from(bytes.buffer, bytes.byteOffset + from, end - from).toString('latin1');
    if (this.#line.length > MAX_LINE) throw malformed();
    if (newline < 0) return bytes.length;
    const line = this.#line.replace(/\r$/, '');
    this.#line = '';
    this.#takeLine(line);
    return newline + 1;
  }

  #takeLine(line: string): void {
    if (this.#phase === 'data-end') {
      if (line !== '') throw malformed();
      this.#phase = 'size';
    } else if (this.#phase === 'size') {
      const size = /^([0-9a-f]{1,12})(?:;|$)/i.exec(line)?.[1];
      if (size === undefined) throw malformed();
      this.#left = Number.parseInt(size, 16);
      this.#phase = this.#left === 0 ? 'trailer' : 'data';
    } else if (line === '') {
      this.#phase = 'done';
    } else {
      const colon = line.indexOf(':');
      if (colon < 1) throw malformed();
      this.trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
    }
  }
}

function malformed(): S3Error {
  return new S3Error('IncompleteBody', {
    message: 'The request body terminated unexpectedly or is not valid aws-chunked data',
  });
}
