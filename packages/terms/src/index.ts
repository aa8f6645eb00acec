export { beginningOf, beginningsOf, termsNeededOf, termsOf } from './terms.ts';
export { type Word, wordsOf } from './words.ts';
