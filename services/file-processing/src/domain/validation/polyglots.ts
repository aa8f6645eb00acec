/**
 * A polyglot is valid in two formats: a picture to the one who checks it, something else to the one
 * who opens it. Only what a second format requires at a place of its own counts; anything looser
 * would meet photographs. What cameras do append (a video behind a motion photo, thumbnails, colour
 * profiles, XMP) is of none of these formats.
 */

/** Whether the head of a picture, sound or video is also of a format that begins later. */
export function hidesInHead(head: Buffer): boolean {
  return (
    hasSignatureInPlace(head) || head.includes(RAR, 1) || hasMarkup(head) || isAlsoJavaScript(head)
  );
}

/** Readers of PDF look for its header in the first 1,024 bytes (ISO 32000-1, implementation note 13). */
export function hasPdfHeader(head: Buffer): boolean {
  return head.subarray(0, 1024).includes('%PDF-');
}

const IN_PLACE = [
  { at: 257, signature: 'ustar' },
  // ISO 9660: the first volume descriptor is sector 16.
  { at: 16 * 2048 + 1, signature: 'CD001' },
];

function hasSignatureInPlace(head: Buffer): boolean {
  return IN_PLACE.some(
    ({ at, signature }) => head.toString('latin1', at, at + signature.length) === signature,
  );
}

/** Readers of RAR look for its marker behind whatever comes first (a self-extractor's program). */
const RAR = Buffer.from('Rar!\x1a\x07', 'latin1');

/**
 * XMP is XML too, but begins neither scripts nor pages, and what it quotes is escaped. The byte
 * behind the name keeps compressed pixels from matching: once in 10^7 files of 64 KiB or less.
 */
const MARKUP = /<(?:\?php[\s]|script[\s>/]|html[\s>]|!doctype html)/i;

function hasMarkup(head: Buffer): boolean {
  return MARKUP.test(head.toString('latin1'));
}

/**
 * A signature of letters is the name of a variable, a comment hides the picture, and behind it a
 * value is assigned. JPEG's are letters of ISO 8859-1; a JFIF segment of that length (12,074 bytes)
 * is none that its thumbnail of whole pixels could have.
 */
function isAlsoJavaScript(head: Buffer): boolean {
  const text = head.toString('latin1');
  if (/^\xff\xd8\xff\xe0\/\*/.test(text)) return true;
  if (/^GIF8[79]a=[\t\n\r\x20-\x7e]{6}/.test(text)) return true;
  if (!/^(?:GIF8[79]a|RIFF|BM)\/\*/.test(text)) return false;
  const end = text.indexOf('*/', 8);
  return end >= 0 && /^[\t\n\r ]*=/.test(text.slice(end + 2, end + 66));
}

const END_OF_DIRECTORY = Buffer.from('PK\x05\x06', 'latin1');
const DIRECTORY_ENTRY = Buffer.from('PK\x01\x02', 'latin1');
const END_BYTES = 22;

/**
 * Whether the tail holds the end of a ZIP's directory with the directory before it: then the file
 * opens as a ZIP, whatever it begins with (a GIFAR, for one).
 */
export function endsAsZip(tail: Buffer): boolean {
  for (
    let at = tail.lastIndexOf(END_OF_DIRECTORY);
    at >= 0;
    at = at === 0 ? -1 : tail.lastIndexOf(END_OF_DIRECTORY, at - 1)
  ) {
    if (at + END_BYTES <= tail.length && hasDirectoryBefore(tail, at)) return true;
  }
  return false;
}

function hasDirectoryBefore(tail: Buffer, end: number): boolean {
  const entries = tail.readUInt16LE(end + 10);
  const start = end - tail.readUInt32LE(end + 12);
  const isExact = end + END_BYTES + tail.readUInt16LE(end + 20) === tail.length;
  if (entries === 0 || start < 0) return isExact;
  return tail.subarray(start, start + 4).equals(DIRECTORY_ENTRY);
}
