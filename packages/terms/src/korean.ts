/** Particles that follow a final consonant; after ㄹ some of them give way to the other form. */
const AFTER_CONSONANT = '을 은 이 과 으로 이나 이라 이라도 이라고 이란 이며 이랑'.split(' ');
const AFTER_VOWEL = '를 는 가 와 로 나 라 라도 라고 란 며 랑'.split(' ');
const AFTER_ANY = [
  ...'의 에 도 만 께 들 뿐 에서 에게 한테 께서 까지 부터 마다 조차 마저 밖에 처럼 보다 같이'.split(
    ' ',
  ),
  ...'대로 만큼 에서부터 으로서 로서 으로써 로써 에는 에도 에서는 에서도 에게는 에게서'.split(' '),
  // Nouns become verbs by 하다 (to do), 되다 (to become) and 이다 (to be).
  ...'하다 하는 하고 하며 하여 하면 하기 하지 한 할 함 해 해서 했다 했고 했던 합니다 했습니다'.split(
    ' ',
  ),
  ...'되다 되는 되고 되며 되어 되면 되지 된 될 됨 돼 됐다 되었다 됩니다 됐습니다 되었습니다'.split(
    ' ',
  ),
  ...'이다 입니다 였다 이었다 였습니다 이었습니다 인데 이고'.split(' '),
];

type Fit = 'consonant' | 'vowel' | 'any';
const ENDINGS = new Map<string, Fit>([
  ...AFTER_CONSONANT.map((ending) => [ending, 'consonant'] as const),
  ...AFTER_VOWEL.map((ending) => [ending, 'vowel'] as const),
  ...AFTER_ANY.map((ending) => [ending, 'any'] as const),
]);
const LONGEST_ENDING = Math.max(...[...ENDINGS.keys()].map((ending) => ending.length));

/** As in 들+에게+는. */
const MOST_ENDINGS = 4;

/** The syllable block's final consonant is its code modulo 28 (Unicode, section 3.12); ㄹ is the 8th. */
function finalOf(syllable: string): number {
  return (syllable.charCodeAt(0) - 0xac00) % 28;
}

function fits(fit: Fit, ending: string, before: string): boolean {
  if (fit === 'any') return true;
  const final = finalOf(before);
  if (ending === '로') return final === 0 || final === 8;
  return fit === 'consonant' ? final > 0 : final === 0;
}

/**
 * A single syllable is left only by an ending that hardly ever is the end of a noun: 물을, 물에서, but
 * neither 사과 nor 지도.
 */
function leavesEnough(left: number, ending: string): boolean {
  return left >= 2 || (left === 1 && (ending.length >= 2 || ending === '을' || ending === '를'));
}

function withoutEnding(word: string, isEnough: typeof leavesEnough): string {
  for (let length = Math.min(LONGEST_ENDING, word.length - 1); length > 0; length -= 1) {
    const stem = word.slice(0, -length);
    const ending = word.slice(-length);
    const fit = ENDINGS.get(ending);
    if (fit && isEnough(stem.length, ending) && fits(fit, ending, stem.slice(-1))) return stem;
  }
  return word;
}

/** Without particles and endings: 사용자들에게는 → 사용자. At times too short (고양이 → 고양), never empty. */
export function koreanStem(word: string): string {
  let stem = word;
  for (let count = 0; count < MOST_ENDINGS; count += 1) {
    const shorter = withoutEnding(stem, leavesEnough);
    if (shorter === stem) break;
    stem = shorter;
  }
  return stem;
}

/** The syllable that is the whole word where the rest of it may be an ending, or several: 물은, 물에서만 → 물. */
export function singleSyllable(word: string): string | undefined {
  const [first = '', ...rest] = word;
  const ending = rest.join('');
  const fit = ENDINGS.get(ending);
  const isSingle = rest.length === 0 || (fit && fits(fit, ending, first));
  // What is looked for without its endings has to be found with them.
  return isSingle || koreanStem(word) === first ? first : undefined;
}

export function isEnding(word: string): boolean {
  return ENDINGS.has(word);
}
