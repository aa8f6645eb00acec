/** Signatures of programs, by what a loader requires; each at the start of the file. */
const SIGNATURES: readonly ((bytes: Buffer) => boolean)[] = [
  isDosProgram,
  (bytes) => startsWith(bytes, '\x7fELF'),
  isMachO,
  isJavaClass,
  (bytes) => startsWith(bytes, '\0asm'),
  (bytes) => startsWith(bytes, 'dex\n'),
  isWindowsShortcut,
];

/** Scripts are text: they are indexed as text, served as text, and never run. */
export function isExecutable(bytes: Buffer): boolean {
  return SIGNATURES.some((matches) => matches(bytes));
}

/** `MZ` alone also begins texts; the header of a program is binary. */
function isDosProgram(bytes: Buffer): boolean {
  return startsWith(bytes, 'MZ') && bytes.subarray(0, 64).includes(0);
}

const MACH_O = new Set([0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe]);

function isMachO(bytes: Buffer): boolean {
  if (bytes.length < 8) return false;
  if (MACH_O.has(bytes.readUInt32BE(0))) return true;
  // A universal binary shares its signature with Java classes, where this number is the version.
  const architectures = bytes.readUInt32BE(4);
  return bytes.readUInt32BE(0) === 0xcafebabe && architectures > 0 && architectures < 43;
}

function isJavaClass(bytes: Buffer): boolean {
  return bytes.length >= 8 && bytes.readUInt32BE(0) === 0xcafebabe && bytes.readUInt16BE(6) >= 43;
}

/** A `.lnk` starts what it points to. [MS-SHLLINK] 2.1 */
function isWindowsShortcut(bytes: Buffer): boolean {
  return startsWith(bytes, 'L\0\0\0\x01\x14\x02\0');
}

function startsWith(bytes: Buffer, signature: string): boolean {
  return bytes.subarray(0, signature.length).equals(Buffer.from(signature, 'latin1'));
}
