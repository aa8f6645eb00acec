/**
 * Changes entries of a record that keeps a bounded number of names: the first in the order of their
 * characters, whatever order they came in. A name that is dropped stays dropped, as the names before it
 * are there for good; so what is kept of a name holds all that ever came of it.
 *
 * @param most names that are kept.
 * @param change the new entry of a name.
 * @returns the record, and the entries that had to leave it.
 */
export function withFirstNames<V, C>(
  known: Readonly<Record<string, V>>,
  changes: Iterable<readonly [string, C]>,
  most: number,
  change: (before: V | undefined, with_: C) => V,
): { kept: Record<string, V>; dropped: readonly V[] } {
  // A map: names come from outside, and `constructor` is one.
  const entries = new Map(Object.entries(known));
  const before = entries.size;
  for (const [name, one] of changes) entries.set(name, change(entries.get(name), one));
  if (entries.size === before) return { kept: Object.fromEntries(entries), dropped: [] };
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    kept: Object.fromEntries(sorted.slice(0, most)),
    dropped: sorted.slice(most).map(([, value]) => value),
  };
}
