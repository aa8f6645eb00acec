import { itemOf } from './contributions.ts';
import type { Slice } from './slices.ts';

/**
 * Slices that are committed by one transaction. Its aggregate size is far below the 4 MB that
 * TransactWriteItems takes: an item's text is bounded by the event schema (a test measures it).
 */
export interface Chunk {
  readonly slices: readonly Slice[];
  /** The items that it adds to; two chunks that share one would conflict. */
  readonly items: ReadonlySet<string>;
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
export const MOST_ACTIONS = 100;

/**
 * Fills chunks with neighbours: slices that touch the same items come together, so that an item is
 * written by as few transactions as can be. One action per claim and one per distinct item.
 */
export function chunksOf(slices: readonly Slice[]): Chunk[] {
  const chunks: Chunk[] = [];
  let members: Slice[] = [];
  let items = new Set<string>();
  for (const slice of neighbours(slices)) {
    const touched = slice.increments.map(itemOf);
    const added = touched.filter((item) => !items.has(item)).length;
    if (members.length > 0 && members.length + 1 + items.size + added > MOST_ACTIONS) {
      chunks.push({ slices: members, items });
      members = [];
      items = new Set();
    }
    members.push(slice);
    for (const item of touched) items.add(item);
  }
  if (members.length > 0) chunks.push({ slices: members, items });
  return chunks;
}

function neighbours(slices: readonly Slice[]): Slice[] {
  const keyed = slices.map((slice) => {
    const [first] = slice.increments;
    return { slice, key: first ? itemOf(first) : '' };
  });
  return keyed
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.slice.index - b.slice.index))
    .map(({ slice }) => slice);
}
