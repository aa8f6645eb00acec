import { termsOf, wordsOf } from '@millrace/terms';

/** UTF-16 code units. */
const BEFORE = 60;
const LONGEST = 240;
/** How far it is worth to go for a space to cut at; languages without spaces are cut anywhere. */
const FARTHEST_SPACE = 20;

export interface Snippet {
  readonly snippet: string;
  readonly highlights: { from: number; to: number }[];
}

/** A line of the passage around `at`, and where words of the search are in it. */
export function snippetOf(passage: string, at: number, terms: ReadonlySet<string>): Snippet {
  // Each by one space: places in the line stay what they are in the passage.
  const line = passage.replace(/[\s\p{Cc}\p{Cf}]/gu, ' ');
  const start = startOf(line, at);
  const snippet = line.slice(start, endOf(line, start)).toWellFormed();
  const highlights = [...wordsOf(snippet)]
    .filter((word) => termsOf(word).some((term) => terms.has(term)))
    .map(({ from, to }) => ({ from, to }));
  return { snippet, highlights };
}

function startOf(line: string, at: number): number {
  const earliest = Math.max(0, at - BEFORE);
  if (earliest === 0) return 0;
  const space = line.indexOf(' ', earliest);
  return space >= 0 && space - earliest <= FARTHEST_SPACE ? space + 1 : earliest;
}

function endOf(line: string, start: number): number {
  const latest = start + LONGEST;
  if (latest >= line.length) return line.length;
  const space = line.lastIndexOf(' ', latest);
  return space >= latest - FARTHEST_SPACE ? space : latest;
}
