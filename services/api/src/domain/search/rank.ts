import { type Counts, type Matches, MOST_POSTINGS } from './find-postings.ts';
import type { Posting } from './ports.ts';

export interface Ranked {
  readonly versionKey: string;
  readonly score: number;
  /** Where in the text the rarest token is first; undefined where none is in it. */
  readonly at?: number;
}

/** How fast more of the same says less, and how much the length of a text takes from it (BM25's k1 and b). */
const SATURATION = 1.2;
const LENGTH_WEIGHT = 0.75;
/** Words of a usual text. The real mean would change with every file, and with it the order of pages. */
const USUAL_LENGTH = 500;

/**
 * Best first. A term in the name or title counts more than any number of it in the text; of equal
 * files or documents the one with the greater id comes first, which is the newer one where ids begin with time.
 */
export function rank(matches: readonly Matches[], counts: Counts): Ranked[] {
  const best = new Map<string, Ranked>();
  for (const { versions } of matches) {
    for (const [versionKey, postings] of versions) {
      const ranked = rate(versionKey, postings, counts);
      if (ranked.score > (best.get(versionKey)?.score ?? -1)) best.set(versionKey, ranked);
    }
  }
  return [...best.values()].sort(compareRanks);
}

export function compareRanks(one: Ranked, other: Ranked): number {
  if (one.score !== other.score) return other.score - one.score;
  if (one.versionKey === other.versionKey) return 0;
  return one.versionKey > other.versionKey ? -1 : 1;
}

function rate(versionKey: string, postings: ReadonlyMap<string, Posting>, counts: Counts): Ranked {
  let score = 0;
  let rarest = 0;
  let at: number | undefined;
  for (const [token, posting] of postings) {
    const rarity = Math.log(1 + MOST_POSTINGS / (counts.get(token) || MOST_POSTINGS));
    score += rarity * (frequencyOf(posting) + (posting.named ? 1 : 0));
    if (posting.at !== undefined && rarity > rarest) ({ at } = posting);
    if (posting.at !== undefined) rarest = Math.max(rarest, rarity);
  }
  // As a cursor writes it, so that what is equal in a cursor is equal here.
  return { versionKey, score: Number(score.toFixed(6)), ...(at !== undefined && { at }) };
}

/** From 0 to below 1. */
function frequencyOf({ frequency = 0, length = USUAL_LENGTH }: Posting): number {
  const expected = 1 - LENGTH_WEIGHT + LENGTH_WEIGHT * (length / USUAL_LENGTH);
  return frequency / (frequency + SATURATION * expected);
}
