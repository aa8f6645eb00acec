import { beginningOf, termsNeededOf, wordsOf } from '@millrace/terms';
import { ProblemError, token } from '@millrace/types';

/** Each is a list that is read. */
export const MOST_TERMS = 32;

export interface SearchTerms {
  /** A file is found by having all tokens of any of these. */
  readonly alternatives: readonly (readonly string[])[];
  /** What is shown as found. */
  readonly terms: ReadonlySet<string>;
}

/** @throws ProblemError invalid_request where there are no words, or too many */
export function searchTermsOf(query: string): SearchTerms {
  const words = [...wordsOf(query)].map((word) => ({ word, terms: termsNeededOf(word) }));
  const terms = new Set(words.flatMap((one) => one.terms));
  if (terms.size === 0) throw refused('holds no letters or digits', 'Search for a word.');
  if (terms.size > MOST_TERMS) {
    throw refused(`makes more than ${MOST_TERMS} terms`, 'Search for fewer or shorter words.');
  }
  const last = words.at(-1);
  const beginning = last && beginningOf(last.word);
  const before = words.slice(0, -1).flatMap((one) => one.terms);
  return {
    alternatives: [
      [...terms].map(token.term),
      ...(beginning === undefined
        ? []
        : [[...new Set(before.map(token.term)), token.beginning(beginning)]]),
    ],
    terms,
  };
}

function refused(message: string, detail: string): ProblemError {
  return new ProblemError('invalid_request', detail, { violations: [{ path: '?q', message }] });
}
