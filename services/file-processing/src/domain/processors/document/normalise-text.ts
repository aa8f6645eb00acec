/** Nothing is seen of them, and words are not found for them: controls, soft hyphens, zero widths. */
const INVISIBLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes
  /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u200b\u2060\ufeff\ufffe\uffff]/g;

/**
 * Beyond 30 marks on one letter (UAX #15, 13: Stream-Safe Text Format) nothing is a word, and to put
 * them in order takes the square of their number, in native code that no time limit can stop.
 */
const EXCESS_MARK = /(?<=\p{M}{30})\p{M}/gu;

/**
 * Text in NFC with `\n` between lines, single spaces, at most one empty line together, and no
 * characters that nobody sees.
 */
export function normaliseText(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n?|[\v\f\u0085\u2028\u2029]/g, '\n')
    .replace(INVISIBLE, '')
    .replace(EXCESS_MARK, '')
    .normalize('NFC')
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** Of well-formed text. */
export function countCodePoints(text: string): number {
  let pairs = 0;
  for (const _ of text.matchAll(/[\u{10000}-\u{10ffff}]/gu)) pairs += 1;
  return text.length - pairs;
}

/** Runs without white space that hold a letter or a digit. */
export function countWords(text: string): number {
  let words = 0;
  for (const [run] of text.matchAll(/\S+/g)) if (/[\p{L}\p{N}]/u.test(run)) words += 1;
  return words;
}
