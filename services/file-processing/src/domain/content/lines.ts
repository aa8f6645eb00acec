import { isAscii, isUtf8 } from 'node:buffer';

export interface Line {
  /** From 1. */
  readonly number: number;
  /** Without its end. Bytes that are no UTF-8 show as U+FFFD. */
  readonly text: string;
  /** What the line was, only where it is no UTF-8. */
  readonly bytes: Uint8Array | undefined;
  /** How many bytes were left out at the end of a line that is longer than the limit; else 0. */
  readonly omittedBytes: number;
}

const LF = 10;
const CR = 13;

/**
 * The lines of a text in UTF-8, in batches as large as the chunks they come in, for a promise per
 * line costs more than the line. A line ends with LF or CRLF; a CR elsewhere is part of it, as for
 * `wc` and `grep`. What follows the last LF is a line if it is not empty. A byte order mark at the
 * start is dropped. Memory holds a chunk and `maxLineBytes`; a longer line is cut there, between
 * characters.
 */
export async function* lines(
  source: AsyncIterable<Uint8Array>,
  { maxLineBytes }: { readonly maxLineBytes: number },
): AsyncGenerator<Line[], void, undefined> {
  const open = openLine(maxLineBytes);
  let number = 0;
  for await (const chunk of source) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const last = bytes.lastIndexOf(LF);
    if (last === -1) {
      open.add(bytes);
      continue;
    }
    const batch: Line[] = [];
    let from = 0;
    // The first line of all goes this way too: it may start with a mark.
    if (!open.isEmpty() || number === 0) {
      const end = bytes.indexOf(LF);
      open.add(bytes.subarray(0, end));
      batch.push(open.take(++number));
      from = end + 1;
    }
    if (from <= last) number = split(bytes.subarray(from, last + 1), number, maxLineBytes, batch);
    open.add(bytes.subarray(last + 1));
    yield batch;
  }
  if (!open.isEmpty()) yield [open.take(number + 1)];
}

/** @returns the number of the last line of the block, which ends with LF */
function split(block: Buffer, number: number, maxLineBytes: number, into: Line[]): number {
  return block.length <= maxLineBytes && isUtf8(block)
    ? splitText(block.toString(isAscii(block) ? 'latin1' : 'utf8'), number, into)
    : splitBytes(block, number, maxLineBytes, into);
}

/** Several times as fast as line by line: decoding and searching run over the block as a whole. */
function splitText(text: string, number: number, into: Line[]): number {
  let count = number;
  let from = 0;
  for (let to = text.indexOf('\n'); to !== -1; to = text.indexOf('\n', from)) {
    const end = to > from && text.charCodeAt(to - 1) === CR ? to - 1 : to;
    const line = text.slice(from, end);
    into.push({ number: ++count, text: line, bytes: undefined, omittedBytes: 0 });
    from = to + 1;
  }
  return count;
}

function splitBytes(block: Buffer, number: number, maxLineBytes: number, into: Line[]): number {
  let count = number;
  let from = 0;
  for (let to = block.indexOf(LF); to !== -1; to = block.indexOf(LF, from)) {
    into.push(toLine(block.subarray(from, to), ++count, to - from, maxLineBytes));
    from = to + 1;
  }
  return count;
}

/** A line whose end has not been seen. */
function openLine(maxLineBytes: number) {
  let pieces: Buffer[] = [];
  let kept = 0;
  let length = 0;
  return {
    isEmpty: () => length === 0,
    add(bytes: Buffer): void {
      length += bytes.length;
      // One byte more than the limit tells whether the cut is between characters.
      const piece = bytes.subarray(0, maxLineBytes + 1 - kept);
      if (piece.length === 0) return;
      pieces.push(piece);
      kept += piece.length;
    },
    take(number: number): Line {
      const [only] = pieces;
      const bytes = pieces.length === 1 && only ? only : Buffer.concat(pieces);
      const line = toLine(bytes, number, length, maxLineBytes);
      pieces = [];
      kept = 0;
      length = 0;
      return line;
    },
  };
}

/** @param length of the whole line, of which `bytes` may be the start */
function toLine(bytes: Buffer, number: number, length: number, maxLineBytes: number): Line {
  const tooLong = length > maxLineBytes;
  let end = tooLong ? characterStart(bytes, maxLineBytes) : length;
  const omittedBytes = length - end;
  if (!tooLong && bytes[end - 1] === CR) end -= 1;
  const hasMark = number === 1 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const kept = bytes.subarray(hasMark ? 3 : 0, end);
  // A copy, lest a line that is kept for long keeps its chunk.
  const raw = isUtf8(kept) ? undefined : Uint8Array.from(kept);
  return { number, text: kept.toString(), bytes: raw, omittedBytes };
}

/** Where the character of UTF-8 starts that the byte at `index` is part of. */
function characterStart(bytes: Buffer, index: number): number {
  for (let at = index; at > Math.max(0, index - 4); at -= 1) {
    if (((bytes[at] ?? 0) & 0xc0) !== 0x80) return at;
  }
  return index;
}
