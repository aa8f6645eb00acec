import { stem } from 'porter2';
import { isEnding, koreanStem, singleSyllable } from './korean.ts';
import type { Word } from './words.ts';

/**
 * What a word in a document is found by.
 *
 * Korean words are indexed by all pairs of neighbouring syllables, with their particles: what is
 * looked for is without them (`termsNeededOf`), so an ending that is taken off wrongly makes an
 * answer less precise, and never hides a document.
 */
export function termsOf(word: Word): string[] {
  switch (word.writing) {
    case 'spaced':
      return [spacedTerm(word.text)];
    case 'unspaced':
      return pairs(word.text);
    case 'hangul': {
      if (isParticleOfOther(word)) return [];
      const single = singleSyllable(word.text);
      const found = word.text.length === 1 ? [] : pairs(word.text);
      return single === undefined ? found : [single, ...found];
    }
  }
}

/** What a document must have all of to be found by a word of a query: all of them are `termsOf` it. */
export function termsNeededOf(word: Word): string[] {
  if (word.writing !== 'hangul') return termsOf(word);
  return isParticleOfOther(word) ? [] : pairs(koreanStem(word.text));
}

const SHORTEST_BEGINNING = { spaced: 2, hangul: 1, unspaced: 1 };
const LONGEST_BEGINNING = 12;

/** The beginnings of a word, by which the name or title that it is in is found while it is typed. */
export function beginningsOf(word: Word): string[] {
  const letters = [...unaccented(word)].slice(0, LONGEST_BEGINNING);
  const shortest = SHORTEST_BEGINNING[word.writing];
  return letters.flatMap((_letter, at) =>
    at + 1 < shortest ? [] : [letters.slice(0, at + 1).join('')],
  );
}

/** What a word that is being typed is looked for by; undefined where it is too short or too long. */
export function beginningOf(word: Word): string | undefined {
  const text = unaccented(word);
  return beginningsOf(word).find((beginning) => beginning === text);
}

function spacedTerm(text: string): string {
  const plain = withoutAccents(text);
  return /^[a-z]+$/.test(plain) ? stem(plain) : plain;
}

function unaccented({ text, writing }: Word): string {
  return writing === 'spaced' ? withoutAccents(text) : text;
}

/** Only of Latin letters: in other scripts the marks are letters of their own. */
function withoutAccents(text: string): string {
  return text
    .normalize('NFD')
    .replace(/(?<=\p{Script=Latin})\p{Mn}+/gu, '')
    .normalize('NFC');
}

/** Neighbouring characters; a single one by itself. */
function pairs(text: string): string[] {
  const characters = [...text];
  if (characters.length === 1) return characters;
  return characters.slice(1).map((character, at) => `${characters[at]}${character}`);
}

/** As 를 in `AWS를`. */
function isParticleOfOther({ text, isAttached }: Word): boolean {
  return isAttached && isEnding(text);
}
