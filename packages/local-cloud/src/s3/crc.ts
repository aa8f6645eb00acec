import { crc32 } from 'node:zlib';

/** A cyclic redundancy check that is fed piece by piece. */
export interface Crc {
  update(bytes: Uint8Array): void;
  digest(): Buffer;
}

export function createCrc32(): Crc {
  let value = 0;
  return {
    update: (bytes) => {
      value = crc32(bytes, value);
    },
    digest: () => bigEndian(value),
  };
}

const CRC32C_POLYNOMIAL = 0x82f63b78;
let crc32cTables: Int32Array[] | undefined;

/** Castagnoli's CRC, four bytes a step. */
export function createCrc32c(): Crc {
  crc32cTables ??= buildTables32(CRC32C_POLYNOMIAL, 4);
  const [t0, t1, t2, t3] = crc32cTables as [Int32Array, Int32Array, Int32Array, Int32Array];
  let crc = -1;
  return {
    update(bytes) {
      const aligned = bytes.length - (bytes.length % 4);
      let at = 0;
      for (; at < aligned; at += 4) {
        const word = crc ^ readWord(bytes, at);
        crc =
          entry(t3, word & 255) ^
          entry(t2, (word >>> 8) & 255) ^
          entry(t1, (word >>> 16) & 255) ^
          entry(t0, word >>> 24);
      }
      for (; at < bytes.length; at += 1) {
        crc = entry(t0, (crc ^ (bytes[at] ?? 0)) & 255) ^ (crc >>> 8);
      }
    },
    digest: () => bigEndian(~crc >>> 0),
  };
}

/** CRC64/NVME, reflected. */
const CRC64_POLYNOMIAL = 0x9a6c9329ac4bc9b5n;
let crc64Tables: { high: Int32Array; low: Int32Array } | undefined;

/** CRC-64/NVME in 32-bit halves (BigInt would be a hundred times slower), eight bytes a step. */
export function createCrc64Nvme(): Crc {
  crc64Tables ??= buildTables64(CRC64_POLYNOMIAL, 8);
  const { high: tableHigh, low: tableLow } = crc64Tables;
  let high = -1;
  let low = -1;
  return {
    update(bytes) {
      const aligned = bytes.length - (bytes.length % 8);
      let at = 0;
      for (; at < aligned; at += 8) {
        const first = low ^ readWord(bytes, at);
        const second = high ^ readWord(bytes, at + 4);
        low = 0;
        high = 0;
        for (let byte = 0; byte < 4; byte += 1) {
          const near = ((7 - byte) << 8) | ((first >>> (byte * 8)) & 255);
          const far = ((3 - byte) << 8) | ((second >>> (byte * 8)) & 255);
          low ^= entry(tableLow, near) ^ entry(tableLow, far);
          high ^= entry(tableHigh, near) ^ entry(tableHigh, far);
        }
      }
      for (; at < bytes.length; at += 1) {
        const index = (low ^ (bytes[at] ?? 0)) & 255;
        low = ((low >>> 8) | (high << 24)) ^ entry(tableLow, index);
        high = (high >>> 8) ^ entry(tableHigh, index);
      }
    },
    digest() {
      const out = Buffer.alloc(8);
      out.writeUInt32BE(~high >>> 0, 0);
      out.writeUInt32BE(~low >>> 0, 4);
      return out;
    },
  };
}

/**
 * The CRC of two byte runs side by side, from the CRC of each and the length of the second:
 * multiply the first by x^(8·length) modulo the polynomial and add the second.
 */
export function combineCrc(
  algorithm: 'CRC32' | 'CRC32C' | 'CRC64NVME',
  first: Buffer,
  second: Buffer,
  secondLength: number,
): Buffer {
  const field = FIELDS[algorithm];
  const shift = powerOfX(field, secondLength);
  const sum = multiply(field, shift, toBigInt(first)) ^ toBigInt(second);
  return Buffer.from(sum.toString(16).padStart(Number(field.bits) / 4, '0'), 'hex');
}

interface Field {
  readonly bits: bigint;
  readonly polynomial: bigint;
  /** x^(8·length) by length: the parts of an upload mostly have one size. */
  readonly powers: Map<number, bigint>;
}

const FIELDS: Record<'CRC32' | 'CRC32C' | 'CRC64NVME', Field> = {
  CRC32: { bits: 32n, polynomial: 0xedb88320n, powers: new Map() },
  CRC32C: { bits: 32n, polynomial: BigInt(CRC32C_POLYNOMIAL), powers: new Map() },
  CRC64NVME: { bits: 64n, polynomial: CRC64_POLYNOMIAL, powers: new Map() },
};

function powerOfX(field: Field, length: number): bigint {
  const known = field.powers.get(length);
  if (known !== undefined) return known;
  let result = 1n << (field.bits - 1n);
  let square = 1n << (field.bits - 2n);
  for (let exponent = BigInt(length) * 8n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = multiply(field, result, square);
    square = multiply(field, square, square);
  }
  if (field.powers.size > 100) field.powers.clear();
  field.powers.set(length, result);
  return result;
}

/** Product in GF(2)[x] modulo the polynomial; the highest bit stands for x^0. */
function multiply({ bits, polynomial }: Field, left: bigint, right: bigint): bigint {
  let product = 0n;
  let factor = right;
  for (let bit = bits - 1n; bit >= 0n; bit -= 1n) {
    if ((left >> bit) & 1n) product ^= factor;
    factor = factor & 1n ? (factor >> 1n) ^ polynomial : factor >> 1n;
  }
  return product;
}

function buildTables32(polynomial: number, count: number): Int32Array[] {
  const first = new Int32Array(256);
  for (let value = 0; value < 256; value += 1) {
    let crc = value;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    first[value] = crc;
  }
  const tables = [first];
  while (tables.length < count) {
    const before = tables.at(-1) ?? first;
    tables.push(before.map((crc) => entry(first, crc & 255) ^ (crc >>> 8)));
  }
  return tables;
}

function buildTables64(polynomial: bigint, count: number): { high: Int32Array; low: Int32Array } {
  const high = new Int32Array(256 * count);
  const low = new Int32Array(256 * count);
  const first: bigint[] = [];
  for (let value = 0; value < 256; value += 1) {
    let crc = BigInt(value);
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1n ? (crc >> 1n) ^ polynomial : crc >> 1n;
    first.push(crc);
  }
  for (let value = 0; value < 256; value += 1) {
    let crc = first[value] ?? 0n;
    for (let table = 0; table < count; table += 1) {
      if (table > 0) crc = (first[Number(crc & 255n)] ?? 0n) ^ (crc >> 8n);
      high[table * 256 + value] = Number(BigInt.asIntN(32, crc >> 32n));
      low[table * 256 + value] = Number(BigInt.asIntN(32, crc));
    }
  }
  return { high, low };
}

/** The index is always inside the table; `| 0` also tells the compiler that it is an integer. */
function entry(table: Int32Array, index: number): number {
  return (table[index] as number) | 0;
}

function readWord(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

function toBigInt(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`);
}

function bigEndian(value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(value >>> 0);
  return out;
}
