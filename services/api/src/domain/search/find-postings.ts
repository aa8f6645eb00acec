import type { Posting, PostingList, SearchReader } from './ports.ts';

/** How many postings of a token are read; more may be looked up one by one. */
export const MOST_POSTINGS = 2_000;

/** The versions that have all tokens, each with its posting of every token. */
export interface Matches {
  readonly versions: ReadonlyMap<string, ReadonlyMap<string, Posting>>;
  /** There may be more than were looked through. */
  readonly isPartial: boolean;
}

/** How often each token is in the index, as far as it was read: rarer tokens say more. */
export type Counts = ReadonlyMap<string, number>;

/** Reads each token's list once, however many alternatives have it. */
export async function findPostings(
  reader: SearchReader,
  tenant: string,
  alternatives: readonly (readonly string[])[],
): Promise<{ readonly matches: readonly Matches[]; readonly counts: Counts }> {
  const tokens = [...new Set(alternatives.flat())];
  const lists = new Map(
    await Promise.all(
      tokens.map(
        async (token) => [token, await reader.postings(tenant, token, MOST_POSTINGS)] as const,
      ),
    ),
  );
  const matches = await Promise.all(
    alternatives.map((all) =>
      intersect(
        all.flatMap((token) => {
          const list = lists.get(token);
          return list ? [{ token, ...list }] : [];
        }),
        (token, keys) => reader.postingsOf(tenant, token, keys),
      ),
    ),
  );
  return {
    matches,
    counts: new Map([...lists].map(([token, { postings }]) => [token, postings.size])),
  };
}

interface TokenList extends PostingList {
  readonly token: string;
}

/**
 * One list that was read to its end holds every match: in the others its versions are looked up. Where
 * every list goes on, what is above all their ends is certain, and nothing is said of what is below.
 */
async function intersect(
  lists: readonly TokenList[],
  lookUp: (token: string, keys: readonly string[]) => Promise<ReadonlyMap<string, Posting>>,
): Promise<Matches> {
  const complete = lists.filter(({ unreadBelow }) => unreadBelow === undefined);
  const candidates = commonKeys(complete.length > 0 ? complete : lists);
  const isPartial = complete.length === 0;
  const found = new Map(
    await Promise.all(
      lists.map(async ({ token, postings, unreadBelow }) => {
        const unread = isPartial
          ? []
          : candidates.filter((key) => unreadBelow !== undefined && key < unreadBelow);
        const more = unread.length > 0 ? await lookUp(token, unread) : undefined;
        return [token, (key: string) => postings.get(key) ?? more?.get(key)] as const;
      }),
    ),
  );
  const versions = new Map<string, Map<string, Posting>>();
  for (const key of candidates) {
    const held = new Map<string, Posting>();
    for (const [token, postingOf] of found) {
      const posting = postingOf(key);
      if (posting) held.set(token, posting);
    }
    if (held.size === found.size) versions.set(key, held);
  }
  return { versions, isPartial };
}

function commonKeys(lists: readonly TokenList[]): string[] {
  const [shortest, ...others] = lists.toSorted(
    (one, other) => one.postings.size - other.postings.size,
  );
  return [...(shortest?.postings.keys() ?? [])].filter((key) =>
    others.every(({ postings }) => postings.has(key)),
  );
}
