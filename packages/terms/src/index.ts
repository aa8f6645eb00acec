export { koreanStem } from './korean.ts';
export { beginningOf, beginningsOf, termsNeededOf, termsOf } from './terms.ts';
export { type Word, wordsOf } from './words.ts';
