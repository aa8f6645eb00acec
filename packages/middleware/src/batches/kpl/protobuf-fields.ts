/**
 * The fields of one protobuf message, as they lie: a number for a varint, a view of the bytes for
 * what has a length. Fixed-width fields are skipped: no message that we read has one.
 * https://protobuf.dev/programming-guides/encoding/
 *
 * @throws RangeError when the bytes are no message.
 */
export function* protobufFields(bytes: Buffer): Generator<Field> {
  const cursor = { at: 0 };
  while (cursor.at < bytes.length) {
    const tag = readVarint(bytes, cursor);
    const wireType = tag % 8;
    const number = (tag - wireType) / 8;
    if (number === 0 || tag > LARGEST_TAG) throw new RangeError('a field number is out of range');
    if (wireType === 0) yield { number, value: readVarint(bytes, cursor) };
    else if (wireType === 2)
      yield { number, value: take(bytes, cursor, readVarint(bytes, cursor)) };
    else if (wireType === 1) take(bytes, cursor, 8);
    else if (wireType === 5) take(bytes, cursor, 4);
    else throw new RangeError('a wire type is unknown');
  }
}

export interface Field {
  readonly number: number;
  /** Varints from 2^53 on are not exact. */
  readonly value: number | Buffer;
}

interface Cursor {
  at: number;
}

/** Field numbers have 29 bits, before them three of the wire type. */
const LARGEST_TAG = 2 ** 32 - 1;
const BYTES_OF_A_VARINT = 10;

function readVarint(bytes: Buffer, cursor: Cursor): number {
  let value = 0;
  for (let read = 0; read < BYTES_OF_A_VARINT; read += 1) {
    const byte = bytes[cursor.at];
    if (byte === undefined) throw new RangeError('a number is cut off');
    cursor.at += 1;
    value += (byte & 0x7f) * 2 ** (7 * read);
    if (byte < 0x80) return value;
  }
  throw new RangeError('a number has no end');
}

function take(bytes: Buffer, cursor: Cursor, length: number): Buffer {
  const end = cursor.at + length;
  if (end > bytes.length) throw new RangeError('a field is cut off');
  const taken = bytes.subarray(cursor.at, end);
  cursor.at = end;
  return taken;
}
