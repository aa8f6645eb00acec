import { crc32 } from 'node:zlib';

/** What bytes hold: the high half tells the sketch, the low half the version of its form. FROZEN. */
export const FORMAT = { quantiles: 0x11, distinct: 0x21, topTerms: 0x31 } as const;
export type Format = (typeof FORMAT)[keyof typeof FORMAT];

const CHECKSUM_BYTES = 4;
/** Seven bits each of the 53 that a whole number has. */
const LONGEST_NUMBER = 8;

/** Begins with the format and ends with a CRC-32 of all before it, so that damage is always noticed. */
export class ByteWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  constructor(format: Format) {
    this.byte(format);
  }

  byte(value: number): void {
    this.#makeRoom(1);
    this.#bytes[this.#length++] = value;
  }

  bytes(values: Uint8Array): void {
    this.#makeRoom(values.length);
    this.#bytes.set(values, this.#length);
    this.#length += values.length;
  }

  /** A whole number, not negative, at most 2⁵³ − 1: LEB128, the low seven bits first. */
  number(value: number): void {
    this.#makeRoom(LONGEST_NUMBER);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) + 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  /** Big endian, as IEEE 754 has it. */
  double(value: number): void {
    this.#makeRoom(8);
    new DataView(this.#bytes.buffer).setFloat64(this.#length, value);
    this.#length += 8;
  }

  finish(): Uint8Array<ArrayBuffer> {
    this.#makeRoom(CHECKSUM_BYTES);
    const checksum = crc32(this.#bytes.subarray(0, this.#length));
    new DataView(this.#bytes.buffer).setUint32(this.#length, checksum);
    return this.#bytes.slice(0, this.#length + CHECKSUM_BYTES);
  }

  #makeRoom(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** Every method throws a `RangeError` where the bytes are not what a `ByteWriter` makes. */
export class ByteReader {
  readonly #view: DataView;
  readonly #end: number;
  #at = 1;

  constructor(bytes: Uint8Array, format: Format) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#end = bytes.length - CHECKSUM_BYTES;
    if (this.#end < 1) throw damaged(`${bytes.length} bytes are too few`);
    const first = this.#view.getUint8(0);
    if (first !== format) throw damaged(`format ${first} instead of ${format}`);
    if (this.#view.getUint32(this.#end) !== crc32(bytes.subarray(0, this.#end))) {
      throw damaged('the checksum does not match');
    }
  }

  byte(): number {
    return this.#view.getUint8(this.#pass(1));
  }

  bytes(length: number): Uint8Array {
    const at = this.#pass(length);
    return new Uint8Array(this.#view.buffer, this.#view.byteOffset + at, length);
  }

  number(): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 49; scale *= 0x80) {
      const next = this.byte();
      value += (next % 0x80) * scale;
      if (!Number.isSafeInteger(value)) break;
      if (next >= 0x80) continue;
      // One number has one form, or equal sketches could differ in their bytes.
      if (next === 0 && scale > 1) break;
      return value;
    }
    throw damaged('a number in no form of ours');
  }

  double(): number {
    return this.#view.getFloat64(this.#pass(8));
  }

  get isAtEnd(): boolean {
    return this.#at === this.#end;
  }

  finish(): void {
    if (!this.isAtEnd) throw damaged('bytes are left over');
  }

  #pass(length: number): number {
    const at = this.#at;
    if (length > this.#end - at) throw damaged('cut short');
    this.#at += length;
    return at;
  }
}

export function damaged(why: string): RangeError {
  return new RangeError(`These bytes are no such sketch: ${why}`);
}

/** Sums beyond it would silently lose ones. */
export function requireCountable(count: number): void {
  if (Number.isSafeInteger(count)) return;
  throw new RangeError(`Counts are whole numbers up to 2^53 - 1, not ${count}`);
}

export function requirePositive(count: number): void {
  if (Number.isSafeInteger(count) && count > 0) return;
  throw new RangeError(`What is added is counted by a whole number from 1, not ${count}`);
}
