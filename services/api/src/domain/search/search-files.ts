import { PASSAGE_LENGTH, ProblemError, type SearchAnswer, type SearchHit } from '@millrace/types';
import { cursorOf, pageRequestOf } from '../paging.ts';
import { currentVersions } from './current-versions.ts';
import { type CurrentDocument, type CurrentFile, currentResults } from './find-current.ts';
import { findPostings } from './find-postings.ts';
import type { DocumentLookup, FileLookup, SearchReader } from './ports.ts';
import { compareRanks, type Ranked, rank } from './rank.ts';
import { searchTermsOf } from './search-terms.ts';
import { snippetOf } from './snippet.ts';

export interface SearchRequest {
  readonly q: string;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface SearchPorts {
  readonly index: SearchReader;
  readonly files: FileLookup;
  readonly documents: DocumentLookup;
}

/**
 * A page of the files and documents that have all words. Each page searches anew and goes on after the last rank of
 * the page before; it may hold fewer items than asked for while there is a cursor.
 *
 * @throws ProblemError invalid_request, invalid_cursor
 */
export async function searchFiles(
  tenant: string,
  request: SearchRequest,
  { index, ...lookups }: SearchPorts,
): Promise<SearchAnswer> {
  const after = rankAfter(request);
  const { alternatives, terms } = searchTermsOf(request.q);
  const { matches, counts } = await findPostings(index, tenant, alternatives);
  const ranked = rank(matches, counts).filter((one) => !after || compareRanks(one, after) > 0);
  const { found, lookedAt } = await currentVersions(
    currentResults(lookups),
    tenant,
    ranked,
    request.limit,
  );

  const passages = await index.passages(
    tenant,
    found.map(({ versionKey, at = 0 }) => ({
      versionKey,
      number: Math.floor(at / PASSAGE_LENGTH),
    })),
  );
  const items = found.map(({ current, score, at = 0 }, position): SearchHit => {
    const passage = passages[position];
    return {
      ...('file' in current ? fileFacts(current) : documentFacts(current)),
      score,
      ...(passage !== undefined && snippetOf(passage, at % PASSAGE_LENGTH, terms)),
    };
  });
  const last = ranked[lookedAt - 1];
  return {
    items,
    partial: matches.some(({ isPartial }) => isPartial),
    ...(last && lookedAt < ranked.length && { cursor: cursorOf(written(last)) }),
  };
}

function fileFacts({ file }: CurrentFile) {
  const { title, language } = file.document ?? {};
  return {
    ...{ file: file.fileId, name: file.name },
    ...(file.kind !== undefined && { kind: file.kind }),
    ...(title !== undefined && { title }),
    ...(language !== undefined && { language }),
  };
}

function documentFacts({ document: { documentId, title = '', language } }: CurrentDocument) {
  return {
    ...{ document: documentId, name: title, kind: 'document' },
    ...(language !== undefined && { language }),
  };
}

function written({ score, versionKey }: Ranked): string {
  return `${score.toFixed(6)} ${versionKey}`;
}

function rankAfter(request: SearchRequest): Ranked | undefined {
  const { after } = pageRequestOf(request);
  if (after === undefined) return undefined;
  const [, score, versionKey] = after.match(/^(\d{1,6}\.\d{6}) (\S{1,200})$/) ?? [];
  if (score === undefined || versionKey === undefined) {
    throw new ProblemError('invalid_cursor', 'Take the cursor as the page before gave it.');
  }
  return { score: Number(score), versionKey };
}
