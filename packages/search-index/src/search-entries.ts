import { beginningsOf, termsOf, type Word, wordsOf } from '@millrace/terms';
import { bandsOf, PASSAGE_LENGTH, type PostingItem, tellsPictures, token } from '@millrace/types';

/** What a file or a document is found by. */
export interface Findable {
  readonly name: string;
  readonly title?: string;
  readonly text?: string;
  /** 64 bits in hexadecimal. */
  readonly perceptualHash?: string;
}

export type Posting = Omit<PostingItem, 'pk' | 'sk'>;

/** All that the index holds of one version of a file. */
export interface SearchEntries {
  /** By token. */
  readonly postings: ReadonlyMap<string, Posting>;
  /** The text in pieces, to be shown where something is found. */
  readonly passages: readonly string[];
  /** Some of the text is not found, because it holds more than is indexed. */
  readonly isTruncated: boolean;
}

/**
 * Each distinct term is a write, each kilobyte of the text another: these bound what one file costs
 * and how long it takes. They hold a book of 200 pages; see decision 0046.
 */
export const MOST_TERMS = 10_000;
export const MOST_CHARACTERS = 500_000;
/** Of the name, and of the title. */
const MOST_NAME_WORDS = 64;

export function searchEntries({ name, title, text = '', perceptualHash }: Findable): SearchEntries {
  const indexed = text.slice(0, MOST_CHARACTERS).toWellFormed();
  const { terms, length, hasMore } = countTerms(indexed);
  const postings = new Map<string, Posting>();
  for (const [term, { frequency, at }] of terms) {
    postings.set(token.term(term), { frequency, length, at });
  }
  for (const word of [...nameWords(name), ...nameWords(title ?? '')]) {
    for (const term of termsOf(word)) {
      postings.set(token.term(term), { ...postings.get(token.term(term)), named: true });
    }
    for (const beginning of beginningsOf(word)) {
      postings.set(token.beginning(beginning), { named: true });
    }
  }
  if (perceptualHash !== undefined && tellsPictures(perceptualHash)) {
    const hash = perceptualHash.toLowerCase();
    for (const band of bandsOf(hash)) postings.set(token.band(band), { hash });
  }
  return {
    postings,
    passages: passagesOf(indexed),
    isTruncated: hasMore || indexed.length < text.length,
  };
}

interface Count {
  frequency: number;
  readonly at: number;
}

/** Terms beyond the limit are left out by where they are first: the beginning of a text says most. */
function countTerms(text: string) {
  const terms = new Map<string, Count>();
  let length = 0;
  let hasMore = false;
  for (const word of wordsOf(text)) {
    length += 1;
    for (const term of termsOf(word)) {
      const known = terms.get(term);
      if (known) known.frequency += 1;
      else if (terms.size < MOST_TERMS) terms.set(term, { frequency: 1, at: word.from });
      else hasMore = true;
    }
  }
  return { terms, length, hasMore };
}

function nameWords(text: string): Word[] {
  const words: Word[] = [];
  for (const word of wordsOf(text)) {
    if (words.push(word) === MOST_NAME_WORDS) break;
  }
  return words;
}

function passagesOf(text: string): string[] {
  const passages: string[] = [];
  for (let from = 0; from < text.length; from += PASSAGE_LENGTH) {
    // Half a character at the seam is not worth a seam that moves.
    passages.push(text.slice(from, from + PASSAGE_LENGTH).toWellFormed());
  }
  return passages;
}
