/** What a post says with marks, and what is left of its text without them. */
export interface Tagged {
  /** Without `#`, folded, each once, in the order of their appearance. */
  readonly hashtags: readonly string[];
  /** Without `@`, likewise. */
  readonly mentions: readonly string[];
  /** The text without addresses, hashtags and mentions. */
  readonly rest: string;
}

/** Of each kind; what a post has more of is not counted: it would be spam. */
export const MOST_TAGS = 30;
/** Code points; longer ones are no tags. */
const LONGEST_TAG = 64;

/** Nothing that ends an address in running text: brackets and quotes. */
const ADDRESS = /(?:\b[a-z][a-z\d+.-]{1,15}:\/\/|\bwww\.)[^\s<>"'“”‘’()[\]{}「」『』（）]+/giu;
/** `example.com/a#b`, too, which is told by looking at each word by itself. */
const BARE_ADDRESS = /^[^\s/@#]+\.[a-z]{2,24}\/\S*$/iu;

/** Letters of any script, their marks, digits, and what joins letters of Arabic and Indic scripts. */
const NAME = String.raw`[\p{L}\p{M}\p{N}_\u200c\u200d]+`;
const TAG = new RegExp(`(?<![\\p{L}\\p{M}\\p{N}_&#@])([#＃@＠])(${NAME})`, 'gu');

/** Unicode aware: `#결제` and `@이름` as well as `#Café`. */
export function taggedOf(text: string): Tagged {
  const hashtags = new Set<string>();
  const mentions = new Set<string>();
  const rest = withoutAddresses(text).replace(TAG, (_whole, mark: string, name: string) => {
    const isHashtag = mark === '#' || mark === '＃';
    const tag = folded(name);
    // A number after `#` is a rank or an issue.
    if (isHashtag && !/\p{L}/u.test(tag)) return ' ';
    const tags = isHashtag ? hashtags : mentions;
    if ([...tag].length <= LONGEST_TAG && tags.size < MOST_TAGS) tags.add(tag);
    return ' ';
  });
  return { hashtags: [...hashtags], mentions: [...mentions], rest };
}

function withoutAddresses(text: string): string {
  return text
    .replace(ADDRESS, ' ')
    .replace(/\S+/gu, (word) => (BARE_ADDRESS.test(word) ? ' ' : word));
}

/**
 * Equal for what readers hold equal: composed (NFC) and without case. By way of upper case, as the
 * lower case of ẞ and ς depends on the neighbours: `STRASSE` and `Straße` are one.
 */
export function folded(text: string): string {
  return text.normalize('NFC').toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFC');
}
