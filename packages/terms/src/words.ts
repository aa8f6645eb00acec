/** A run of characters that are written and searched in the same way. */
export interface Word {
  /** Unicode NFKC, lower case. */
  readonly text: string;
  /**
   * `spaced`: words stand between spaces. `hangul`: so do they, but particles and endings hang on to
   * them. `unspaced`: nothing stands between words (Han, Kana, Thai, …).
   */
  readonly writing: 'spaced' | 'hangul' | 'unspaced';
  /** Where it lies in the text, in UTF-16 code units; `to` is exclusive. */
  readonly from: number;
  readonly to: number;
  /** Nothing stands between the word before and this one, as in `AWS를`. */
  readonly isAttached: boolean;
}

const HANGUL = String.raw`[\p{L}&&\p{scx=Hangul}]`;
const UNSPACED = String.raw`[[\p{L}\p{M}]&&[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Bopomofo}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]]`;
/** A soft hyphen divides no word: PDF documents are full of them. */
const SPACED = String.raw`[[\p{L}\p{M}\p{N}\u00ad]--${HANGUL}--${UNSPACED}]`;

const WORD = new RegExp(
  `(?<hangul>${HANGUL}+)|(?<unspaced>${UNSPACED}+)|(?<spaced>${SPACED}+)(?:['’][sS](?!\\p{L}))?`,
  'gv',
);

/** Longer runs are no words, but numbers of machines. Both sides of a search cut them alike. */
const LONGEST_SPACED = 64;

export function* wordsOf(text: string): Generator<Word> {
  let end = -1;
  for (const { 0: whole, index: from, groups = {} } of text.matchAll(WORD)) {
    const { hangul, unspaced, spaced } = groups;
    const writing = hangul ? 'hangul' : unspaced ? 'unspaced' : 'spaced';
    const run = spaced === undefined ? normalized(hangul ?? unspaced ?? '') : spacedRun(spaced);
    const to = from + whole.length;
    if (run !== '') yield { text: run, writing, from, to, isAttached: from === end };
    end = to;
  }
}

/** Cut before, so that a text of one word costs little, and after, because NFKC may lengthen it. */
function spacedRun(run: string): string {
  const cut = (text: string) => [...text].slice(0, LONGEST_SPACED).join('');
  return cut(normalized(cut(run.slice(0, 2 * LONGEST_SPACED))).toWellFormed());
}

function normalized(run: string): string {
  return run.replaceAll('\u00ad', '').normalize('NFKC').toLowerCase();
}
