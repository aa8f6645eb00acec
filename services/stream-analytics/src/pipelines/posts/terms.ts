import { koreanStem, type Word, wordsOf } from '@millrace/terms';
import { isStopWord } from './stop-words.ts';

/** Terms of one post; the first ones. Two sentences have some twenty. */
export const MOST_TERMS = 48;
const LONGEST_TERM = 40;

/**
 * What a post is about: its words without particles and stop words, each once, however often it is
 * repeated. To be read by people, so words are not cut to stems as they are for searching.
 *
 * @param text without addresses, hashtags and mentions.
 */
export function postTerms(text: string): string[] {
  const terms = new Set<string>();
  for (const word of wordsOf(text)) {
    for (const term of readableTerms(word)) {
      if (terms.size >= MOST_TERMS) return [...terms];
      if (!isStopWord(term)) terms.add(term);
    }
  }
  return [...terms];
}

function readableTerms(word: Word): string[] {
  switch (word.writing) {
    case 'spaced':
      return /\p{L}/u.test(word.text) && isReadable(word.text) ? [word.text] : [];
    case 'hangul': {
      // Vowels and consonants alone, as in ㅋㅋ and ㅠㅠ, are no words.
      if (!/^[가-힣]+$/u.test(word.text)) return [];
      if (isStopWord(word.text)) return [];
      const stem = koreanStem(word.text);
      return isReadable(stem) ? [stem] : [];
    }
    case 'unspaced':
      return runs(word.text).filter(isReadable);
  }
}

/** One character says too little to be a trend, and what is very long is no word. */
function isReadable(term: string): boolean {
  return term.length >= 2 && term.length <= LONGEST_TERM;
}

/**
 * Japanese words are mostly written in one script, and the particles between them in Hiragana; Chinese
 * without spaces gives runs, of which those of two to four characters are words or set phrases.
 */
function runs(text: string): string[] {
  const parts = text.match(/\p{Script=Han}+|[\p{Script=Katakana}ー]+|\p{Script=Thai}+/gu) ?? [];
  return parts.filter((part) => !/^\p{Script=Han}{5,}$/u.test(part));
}
