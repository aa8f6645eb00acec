import type { ByteRange } from '../processor.ts';
import { ContentError } from './content-error.ts';

export interface ZipEntry {
  readonly name: string;
  /** Bytes, as the directory declares them: who inflates counts again. */
  readonly compressedBytes: number;
  readonly inflatedBytes: number;
}

export interface ZipLimits {
  readonly maxEntries: number;
  /** Bytes of all entries together. */
  readonly maxInflatedBytes: number;
  /** Inflated over compressed bytes of all entries together, once they inflate to over 1 MiB. */
  readonly maxRatio: number;
}

/** Deflate reaches 1,032; the XML of documents seldom more than 50. */
export const ZIP_LIMITS: ZipLimits = {
  maxEntries: 10_000,
  maxInflatedBytes: 200 * 1024 ** 2,
  maxRatio: 200,
};

/** From here on a ratio says something. */
const RATIO_COUNTS_FROM = 1024 ** 2;
/** Room for 10,000 names of 400 bytes. */
const MAX_DIRECTORY_BYTES = 4 * 1024 ** 2;

/**
 * What a ZIP holds, by its central directory alone: nothing is inflated, and at most 4 MiB are read.
 * Nested archives are entries like others, since nothing opens them. ZIP64 is for what is beyond
 * the limits here, and refused.
 *
 * APPNOTE.TXT 6.3.10, sections 4.3.12, 4.3.16 and 4.4.
 *
 * @throws ContentError `corrupt_archive`, `zip_bomb`, `zip_slip`, `encrypted_archive`
 */
export async function listZip(
  read: (range: ByteRange) => Promise<Uint8Array>,
  size: number,
  limits: ZipLimits = ZIP_LIMITS,
): Promise<readonly ZipEntry[]> {
  const { count, start, bytes } = await findDirectory(read, size);
  if (count > limits.maxEntries || bytes > MAX_DIRECTORY_BYTES) throw bomb();
  const entries = parseDirectory(await readBuffer(read, start, bytes), count);
  checkNames(entries);
  checkPlaces(entries, start);
  checkSizes(entries, limits);
  return entries.map(({ name, compressedBytes, inflatedBytes }) => ({
    ...{ name, compressedBytes, inflatedBytes },
  }));
}

/** The parts in which Office keeps what it would run. */
export function hasMacros(entries: readonly ZipEntry[]): boolean {
  return entries.some(({ name }) => /(?:^|\/)vba(?:project\.bin|data\.xml)$/i.test(name));
}

const END_SIGNATURE = Buffer.from('PK\x05\x06', 'latin1');
const END_BYTES = 22;
const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL_HEADER_BYTES = 30;

interface Directory {
  readonly count: number;
  readonly start: number;
  readonly bytes: number;
}

/** Nothing before the first entry, nothing behind the comment: readers agree on such files only. */
async function findDirectory(
  read: (range: ByteRange) => Promise<Uint8Array>,
  size: number,
): Promise<Directory> {
  if (size < END_BYTES) throw corrupt();
  const tailBytes = Math.min(size, END_BYTES + 0xffff);
  const tail = await readBuffer(read, size - tailBytes, tailBytes);
  const at = tail.lastIndexOf(END_SIGNATURE);
  if (at < 0 || at + END_BYTES > tail.length) throw corrupt();
  if (at + END_BYTES + tail.readUInt16LE(at + 20) !== tail.length) throw corrupt();
  const isOneDisk = tail.readUInt32LE(at + 4) === 0;
  const count = tail.readUInt16LE(at + 10);
  const bytes = tail.readUInt32LE(at + 12);
  const start = tail.readUInt32LE(at + 16);
  if (count === 0xffff) throw bomb();
  if (!isOneDisk || tail.readUInt16LE(at + 8) !== count) throw corrupt();
  if (start + bytes !== size - tailBytes + at) throw corrupt();
  return { count, start, bytes };
}

interface LocatedEntry extends ZipEntry {
  readonly localHeader: number;
  readonly nameBytes: number;
  /** What the name is to readers that know the Unicode path field; else the name. */
  readonly unicodeName: string;
  readonly isLink: boolean;
}

function parseDirectory(directory: Buffer, count: number): readonly LocatedEntry[] {
  const entries: LocatedEntry[] = [];
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    if (at + ENTRY_BYTES > directory.length) throw corrupt();
    if (directory.readUInt32LE(at) !== ENTRY_SIGNATURE) throw corrupt();
    const nameBytes = directory.readUInt16LE(at + 28);
    const extraBytes = directory.readUInt16LE(at + 30);
    const end = at + ENTRY_BYTES + nameBytes + extraBytes + directory.readUInt16LE(at + 32);
    if (end > directory.length) throw corrupt();
    entries.push(parseEntry(directory.subarray(at, end), nameBytes, extraBytes));
    at = end;
  }
  if (at !== directory.length) throw corrupt();
  return entries;
}

const ENCRYPTED = 0x0001 | 0x0040 | 0x2000;
const UTF_8 = 0x0800;
const MADE_ON_UNIX = 3;

function parseEntry(entry: Buffer, nameBytes: number, extraBytes: number): LocatedEntry {
  const flags = entry.readUInt16LE(8);
  if ((flags & ENCRYPTED) !== 0) throw encrypted();
  const nameEnd = ENTRY_BYTES + nameBytes;
  const encoding = (flags & UTF_8) === 0 ? 'latin1' : 'utf8';
  const name = entry.toString(encoding, ENTRY_BYTES, nameEnd);
  const mode = entry.readUInt8(5) === MADE_ON_UNIX ? entry.readUInt16LE(40) : 0;
  return {
    name,
    nameBytes,
    unicodeName: unicodePath(entry.subarray(nameEnd, nameEnd + extraBytes)) ?? name,
    isLink: (mode & 0o170000) === 0o120000,
    compressedBytes: entry.readUInt32LE(20),
    inflatedBytes: entry.readUInt32LE(24),
    localHeader: entry.readUInt32LE(42),
  };
}

/** Info-ZIP's second name of an entry (APPNOTE 4.6.9), which some readers prefer. */
function unicodePath(extra: Buffer): string | undefined {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    const bytes = extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === 0x7075) return extra.toString('utf8', at + 9, at + 4 + bytes);
  }
  return undefined;
}

function checkNames(entries: readonly LocatedEntry[]): void {
  const seen = new Set<string>();
  for (const { name, unicodeName, isLink } of entries) {
    if (isLink || !staysInside(name) || !staysInside(unicodeName)) throw slip();
    // Readers differ in which of two they take.
    if (seen.has(name)) throw corrupt();
    seen.add(name);
  }
}

/** Control characters end or change a name on the way to the file system. */
const UNSAFE_NAME =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
  /^$|^\/|^[a-z]:|[\\\u0000-\u001f\u007f]|(?:^|\/)\.\.(?:\/|$)/i;

function staysInside(name: string): boolean {
  return !UNSAFE_NAME.test(name);
}

/** Bombs of great density let entries share their bytes: https://www.bamsoftware.com/hacks/zipbomb/ */
function checkPlaces(entries: readonly LocatedEntry[], directoryStart: number): void {
  let free = 0;
  for (const entry of entries.toSorted((a, b) => a.localHeader - b.localHeader)) {
    if (entry.localHeader < free) throw bomb();
    free = entry.localHeader + LOCAL_HEADER_BYTES + entry.nameBytes + entry.compressedBytes;
  }
  if (free > directoryStart) throw corrupt();
}

function checkSizes(entries: readonly ZipEntry[], limits: ZipLimits): void {
  let compressed = 0;
  let inflated = 0;
  for (const entry of entries) {
    compressed += entry.compressedBytes;
    inflated += entry.inflatedBytes;
  }
  if (inflated > limits.maxInflatedBytes) throw bomb();
  if (inflated > RATIO_COUNTS_FROM && inflated > compressed * limits.maxRatio) throw bomb();
}

/** A range that gives fewer bytes than asked for is of another file than its size. */
async function readBuffer(
  read: (range: ByteRange) => Promise<Uint8Array>,
  from: number,
  length: number,
): Promise<Buffer> {
  if (length === 0) return Buffer.alloc(0);
  const bytes = await read({ from, to: from + length - 1 });
  if (bytes.byteLength !== length) throw corrupt();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function corrupt(): ContentError {
  return new ContentError(
    'corrupt_archive',
    'The file is damaged or incomplete. Save it again and upload it again.',
  );
}

function bomb(): ContentError {
  return new ContentError(
    'zip_bomb',
    'The file would become too large when unpacked, or holds too many parts.',
  );
}

function slip(): ContentError {
  return new ContentError('zip_slip', 'The file holds parts with names that lead out of it.');
}

function encrypted(): ContentError {
  return new ContentError(
    'encrypted_archive',
    'The file is encrypted. Save it without a password and upload it again.',
  );
}
