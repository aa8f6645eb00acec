import type { LakeStore } from '../ports.ts';
import { isIn, listSlots } from './intake.ts';
import {
  filesOf,
  latestManifest,
  manifestKey,
  manifestVersions,
  readManifest,
} from './manifest.ts';
import type { TableSettings } from './settings.ts';
import { FILE_PREFIXES, versionOfFile } from './table-files.ts';
import type { TableLayout } from './table-layout.ts';

/**
 * Removes what no reader can need any more. Everything is judged by the manifest that is the latest
 * now, so it may be stopped anywhere, repeated, and run beside commits.
 *
 * @returns how many objects
 */
export async function removeUnused(job: {
  readonly store: LakeStore;
  readonly layout: TableLayout;
  readonly settings: TableSettings;
  now(): number;
  hasTimeLeft(): boolean;
}): Promise<number> {
  const { store, layout, settings } = job;
  const { table } = layout;
  const latest = await latestManifest(store, table);
  if (!latest) return 0;
  const needed = new Set(filesOf(latest).map(({ key }) => key));
  for (const { key, at } of latest.dropped) {
    if (Date.parse(at) + settings.graceMs > job.now()) needed.add(key);
  }
  let removed = 0;
  for (const prefix of FILE_PREFIXES) {
    for await (const { key } of store.list(`${prefix}table=${table}/`)) {
      // One that was written for a later version may be about to be committed.
      if (needed.has(key) || versionOfFile(key) > latest.version) continue;
      if (!job.hasTimeLeft()) return removed;
      await store.remove(key);
      removed += 1;
    }
  }
  for (const slot of await listSlots(store, table)) {
    if (slot.startsAt + settings.intakeKeptMs > job.now() || !isIn(latest, slot)) continue;
    if (!job.hasTimeLeft()) return removed;
    if (await store.removeIf(slot.key, slot.eTag)) removed += 1;
  }
  return removed + (await removeManifests(job, table, latest.version));
}

/** Those that were followed by another for longer than the grace period. The latest stays. */
async function removeManifests(
  job: { readonly store: LakeStore; readonly settings: TableSettings; now(): number },
  table: string,
  latest: number,
): Promise<number> {
  const { store, settings } = job;
  const versions = (await manifestVersions(store, table)).filter((version) => version <= latest);
  let removed = 0;
  for (const [nth, version] of versions.entries()) {
    const follower = versions[nth + 1];
    if (follower === undefined) break;
    const next = await readManifest(store, table, follower);
    if (!next || Date.parse(next.committedAt) + settings.graceMs > job.now()) break;
    await store.remove(manifestKey(table, version));
    removed += 1;
  }
  return removed;
}
