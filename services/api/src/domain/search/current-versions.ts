import { comparableSequencer, versionOfKey } from '@millrace/types';

/** At most so many versions are held against the records for one answer, so many at a time. */
const MOST_LOOKED_UP = 1_000;
const LOOKED_UP_AT_ONCE = 100;

/** What is current of a file or document. */
export interface Current {
  /** Of the version that counts, as `comparableSequencer` makes it. */
  readonly order: string;
}

/** By the ids under which they are in the index; without what is not shown at this moment. */
export type FindCurrent<C extends Current> = (
  tenant: string,
  searchIds: readonly string[],
) => Promise<ReadonlyMap<string, C>>;

/**
 * The first `wanted` of the versions that count at this moment: others have been replaced, removed or
 * rejected, and their entries in the index are late or not cleared away yet.
 *
 * @returns how many versions were looked at, which may be less than all
 */
export async function currentVersions<V extends { readonly versionKey: string }, C extends Current>(
  findCurrent: FindCurrent<C>,
  tenant: string,
  versions: readonly V[],
  wanted: number,
): Promise<{ readonly found: (V & { readonly current: C })[]; readonly lookedAt: number }> {
  const found: (V & { current: C })[] = [];
  let lookedAt = 0;
  const end = Math.min(versions.length, MOST_LOOKED_UP);
  while (lookedAt < end && found.length < wanted) {
    // At first no more than are wanted: a record is read whole, and that of a document has its text.
    const atOnce = lookedAt === 0 ? Math.min(wanted, LOOKED_UP_AT_ONCE) : LOOKED_UP_AT_ONCE;
    const some = versions.slice(lookedAt, Math.min(end, lookedAt + atOnce));
    const ids = some.map(({ versionKey }) => versionOfKey(versionKey).fileId);
    const currents = await findCurrent(tenant, [...new Set(ids)]);
    for (const version of some) {
      lookedAt += 1;
      const { fileId, sequencer } = versionOfKey(version.versionKey);
      const current = currents.get(fileId);
      if (current?.order !== comparableSequencer(sequencer)) continue;
      found.push({ ...version, current });
      if (found.length === wanted) break;
    }
  }
  return { found, lookedAt };
}
