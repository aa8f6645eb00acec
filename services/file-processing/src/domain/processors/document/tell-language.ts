import { detect } from 'tinyld/light';

/** Code units that are looked at: enough to be sure, and soon done. */
const SAMPLE = 10_000;
/** Languages that share the Latin script are not told apart by less. */
const LATIN_LETTERS = 24;
/** Korean texts quote English, and say more with a syllable than English with a letter. */
const HANGUL_SHARE = 0.2;

/**
 * ISO 639-1. What the words show goes before what was declared: templates declare English.
 * Knows 24 languages; what is of none of them may be taken for a neighbour.
 */
export function tellLanguage(text: string, declared: string | undefined): string | undefined {
  const sample = text.slice(0, SAMPLE);
  const latinLetters = sample.match(/\p{Script=Latin}/gu)?.length ?? 0;
  const otherLetters = sample.match(/(?!\p{Script=Latin})\p{L}/gu)?.length ?? 0;
  const hangul = sample.match(/\p{Script=Hangul}/gu)?.length ?? 0;
  if (hangul >= (latinLetters + otherLetters) * HANGUL_SHARE && hangul > 0) return 'ko';
  const isEnough = otherLetters > 0 || latinLetters >= LATIN_LETTERS;
  return (isEnough && detect(sample)) || iso639(declared);
}

function iso639(tag: string | undefined): string | undefined {
  try {
    const { language } = new Intl.Locale(tag?.trim() ?? '');
    return language.length === 2 ? language : undefined;
  } catch {
    return undefined;
  }
}
