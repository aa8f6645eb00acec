import { comparableSequencer, type FileItem, versionOfKey } from '@millrace/types';
import type { FileLookup } from './ports.ts';

/** At most so many versions are held against the records for one answer, so many at a time. */
const MOST_LOOKED_UP = 1_000;
const LOOKED_UP_AT_ONCE = 100;

/**
 * The first `wanted` of the versions that are their files' results at this moment: others have been
 * replaced, removed or rejected, and their entries in the index are late or not cleared away yet.
 *
 * @returns how many versions were looked at, which may be less than all
 */
export async function currentFiles<V extends { readonly versionKey: string }>(
  files: FileLookup,
  tenant: string,
  versions: readonly V[],
  wanted: number,
): Promise<{ readonly found: (V & { readonly file: FileItem })[]; readonly lookedAt: number }> {
  const found: (V & { file: FileItem })[] = [];
  let lookedAt = 0;
  const end = Math.min(versions.length, MOST_LOOKED_UP);
  while (lookedAt < end && found.length < wanted) {
    const some = versions.slice(lookedAt, Math.min(end, lookedAt + LOOKED_UP_AT_ONCE));
    const ids = some.map(({ versionKey }) => versionOfKey(versionKey).fileId);
    const items = await files.findAll(tenant, [...new Set(ids)]);
    for (const version of some) {
      lookedAt += 1;
      const { fileId, sequencer } = versionOfKey(version.versionKey);
      const file = items.get(fileId);
      if (!file || !isResultOf(file, sequencer)) continue;
      found.push({ ...version, file });
      if (found.length === wanted) break;
    }
  }
  return { found, lookedAt };
}

function isResultOf(file: FileItem, sequencer: string): boolean {
  return file.status === 'ready' && file.sequencer === comparableSequencer(sequencer);
}
