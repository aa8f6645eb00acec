/** Texts as they are written, without the NUL that ends them; numbers and quotients of the other types. */
export type ExifValue = string | readonly number[];
export type ExifDirectory = ReadonlyMap<number, ExifValue>;

/** No text and no list that is wanted is longer. */
const MAX_VALUES = 256;
const ENTRY_BYTES = 12;

const ASCII = 2;
const RATIONAL = 5;
/** Bytes of one value, by the type's number (TIFF 6.0, page 15). */
const SIZES: Readonly<Record<number, number>> = { 1: 1, [ASCII]: 1, 3: 2, 4: 4, [RATIONAL]: 8 };

/** The camera's block: a TIFF file without a picture (CIPA DC-008, 4.5), after `Exif` and two NULs. */
export interface ExifBlock {
  /** Where the first directory lies. */
  readonly first: number;
  /** The wanted ones of a directory's tags. What is damaged is left out. */
  directory(offset: number, wanted: readonly number[]): ExifDirectory;
}

/**
 * Opens the block, undefined where it is none. Only what is asked for is read, and only a bounded
 * part of it: entries may claim the whole block as their value, each of them.
 */
export function exifBlock(bytes: Uint8Array): ExifBlock | undefined {
  const start = startOfTiff(bytes);
  if (bytes.length < start + 8) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, bytes.length - start);
  const byteOrder = view.getUint16(0);
  if (byteOrder !== 0x4949 && byteOrder !== 0x4d4d) return undefined;
  const isLittle = byteOrder === 0x4949;
  if (view.getUint16(2, isLittle) !== 42) return undefined;
  return {
    first: view.getUint32(4, isLittle),
    directory: (offset, wanted) => readDirectory(view, isLittle, offset, wanted),
  };
}

const startOfTiff = (bytes: Uint8Array) =>
  Buffer.from(bytes.subarray(0, 6)).toString('latin1') === 'Exif\0\0' ? 6 : 0;

function readDirectory(
  view: DataView,
  isLittle: boolean,
  offset: number,
  wanted: readonly number[],
): ExifDirectory {
  const values = new Map<number, ExifValue>();
  if (offset + 2 > view.byteLength) return values;
  const end = Math.min(
    offset + 2 + view.getUint16(offset, isLittle) * ENTRY_BYTES,
    view.byteLength,
  );
  for (let at = offset + 2; at + ENTRY_BYTES <= end; at += ENTRY_BYTES) {
    const tag = view.getUint16(at, isLittle);
    if (!wanted.includes(tag) || values.has(tag)) continue;
    const value = readValue(view, isLittle, at);
    if (value !== undefined) values.set(tag, value);
  }
  return values;
}

/** Values of more than four bytes lie elsewhere. */
function readValue(view: DataView, isLittle: boolean, entry: number): ExifValue | undefined {
  const type = view.getUint16(entry + 2, isLittle);
  const count = Math.min(view.getUint32(entry + 4, isLittle), MAX_VALUES);
  const size = SIZES[type];
  if (size === undefined) return undefined;
  const at = size * count <= 4 ? entry + 8 : view.getUint32(entry + 8, isLittle);
  if (at + size * count > view.byteLength) return undefined;
  if (type === ASCII) return textAt(view, at, count);
  return Array.from({ length: count }, (_, index) =>
    numberAt(view, isLittle, type, at + index * size),
  );
}

function textAt(view: DataView, at: number, length: number): string {
  const bytes = Buffer.from(view.buffer, view.byteOffset + at, length);
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? length : end);
}

function numberAt(view: DataView, isLittle: boolean, type: number, at: number): number {
  if (type === RATIONAL) return view.getUint32(at, isLittle) / view.getUint32(at + 4, isLittle);
  if (type === 4) return view.getUint32(at, isLittle);
  return type === 3 ? view.getUint16(at, isLittle) : view.getUint8(at);
}
