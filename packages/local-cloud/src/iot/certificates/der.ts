/**
 * The few forms of ASN.1's distinguished encoding that a certificate is written in. Node reads
 * certificates, but writes none. https://www.itu.int/rec/T-REC-X.690
 */

function encode(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag]), lengthOf(content), content]);
}

function lengthOf({ length }: Buffer): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

export const sequence = (...parts: Buffer[]) => encode(0x30, Buffer.concat(parts));
export const set = (...parts: Buffer[]) => encode(0x31, Buffer.concat(parts));
export const utf8 = (text: string) => encode(0x0c, Buffer.from(text));
export const octets = (content: Buffer) => encode(0x04, content);
export const bool = (value: boolean) => encode(0x01, Buffer.from([value ? 0xff : 0]));
/** A tag that the standard at hand gives, around whole values. */
export const explicit = (tag: number, content: Buffer) => encode(0xa0 | tag, content);
/** A tag that the standard at hand gives, in place of a value's own. */
export const implicit = (tag: number, content: Buffer) => encode(0x80 | tag, content);

/** Bits that fill whole bytes, or a last byte with `unused` bits at its end. */
export const bits = (content: Buffer, unused = 0) =>
  encode(0x03, Buffer.concat([Buffer.from([unused]), content]));

/** A whole number that is not negative, its bytes from the highest on. */
export function integer(bytes: Buffer): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const shortest = bytes.subarray(start);
  const looksNegative = ((shortest[0] ?? 0) & 0x80) !== 0;
  return encode(0x02, looksNegative ? Buffer.concat([Buffer.from([0]), shortest]) : shortest);
}

/** e.g. `2.5.4.3`. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return encode(0x06, Buffer.from(bytes));
}

/** An instant from 1950 to 2049, to the second. */
export function time(at: Date): Buffer {
  const text = at.toISOString().replace(/[-:T]|\.\d+/g, '');
  return encode(0x17, Buffer.from(text.slice(2)));
}
