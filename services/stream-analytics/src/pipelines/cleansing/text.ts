import { type Rule, textRule } from './rule.ts';

/** Printable ASCII with single spaces: most texts, and right as they are. */
const PLAIN = /^[!-~]+(?: [!-~]+)*$/;

/**
 * Characters that nobody sees: controls (not those that are white space), soft hyphens, zero-width
 * and directional ones, tags. What is matched whole before them is a flag, whose tags belong to it.
 */
const INVISIBLE =
  /\u{1F3F4}[\u{E0020}-\u{E007E}]{1,6}\u{E007F}|(?![\t\n\v\f\r\u0085])\p{Cc}|[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\u{E0001}\u{E0020}-\u{E007F}]/gu;

/** Emoji are joined to one; in these scripts joiners and non-joiners are spelling. */
const BEFORE_EMOJI_JOINER = /\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f/u;
const EMOJI = /\p{Extended_Pictographic}/u;
const JOINING =
  /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}]/u;

const LINE_ENDS = /\r\n|[\r\v\f\u0085\u2028\u2029]/g;
/** Colours and cursor moves of terminals. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const ANSI = /\u001b\[[0-?]{0,32}[ -/]{0,4}[@-~]/g;

const unlessPlain = (clean: (text: string) => string) => (text: string) =>
  PLAIN.test(text) ? text : clean(text);

/** Half of a surrogate pair is no character: it becomes U+FFFD. */
const wellFormed = textRule(
  'text_well_formed',
  unlessPlain((text) => text.toWellFormed()),
);

const visible = textRule(
  'text_invisible_removed',
  unlessPlain((text) =>
    text.replace(INVISIBLE, (found: string, at: number) =>
      found.length > 2 || isSpelling(found, at, text) ? found : '',
    ),
  ),
);

const composed = textRule(
  'text_nfc',
  unlessPlain((text) => text.normalize('NFC')),
);

const withoutAnsi = textRule('text_ansi_removed', (text) =>
  text.includes('\u001b[') ? text.replace(ANSI, '') : text,
);

const whiteSpace = (clean: (text: string) => string) =>
  textRule(
    'text_whitespace',
    unlessPlain((text) => clean(text.replace(LINE_ENDS, '\n')).trim()),
  );

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim();
const lines = (text: string, clean: (line: string) => string) =>
  text.split('\n').map(clean).join('\n');

/** A name or a title: everything on one line, single spaces. */
export const LINE: readonly Rule[] = [wellFormed, visible, composed, whiteSpace(oneLine)];

/** Paragraphs stay, with at most one empty line between them. */
export const PARAGRAPHS: readonly Rule[] = [
  wellFormed,
  visible,
  composed,
  whiteSpace((text) => lines(text, oneLine).replace(/\n{3,}/g, '\n\n')),
];

/** Lines of a log: a stack trace keeps its lines and their indentation. */
export const LOG_LINES: readonly Rule[] = [
  wellFormed,
  withoutAnsi,
  visible,
  composed,
  whiteSpace((text) => lines(text, (line) => line.trimEnd())),
];

function isSpelling(joiner: string, at: number, text: string): boolean {
  if (joiner !== '\u200c' && joiner !== '\u200d') return false;
  const before = [...text.slice(Math.max(0, at - 2), at)].at(-1) ?? '';
  const after = String.fromCodePoint(text.codePointAt(at + 1) ?? 0);
  if (joiner === '\u200d' && BEFORE_EMOJI_JOINER.test(before)) return EMOJI.test(after);
  return JOINING.test(before) && JOINING.test(after);
}
