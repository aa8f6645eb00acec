import { randomUUID } from 'node:crypto';
import type { LakeStore } from '../ports.ts';
import type { Column } from '../row.ts';

/** A Parquet file that is never changed. Its rows are sorted by a key that they have once. */
export interface DataFile {
  readonly key: string;
  readonly rows: number;
  readonly bytes: number;
  /** The least and the greatest key of its rows. */
  readonly from: string;
  readonly to: string;
}

/** Of one day. Files of a day have no keys between each other's. */
export interface ChangesFile extends DataFile {
  /** `2026-11-23` */
  readonly day: string;
  /** Which `schema` its columns have. */
  readonly schema: number;
}

/** The items whose keys are at or above `from`, and below that of the next segment. */
export interface Segment {
  readonly from: string;
  readonly live?: DataFile;
  /** Items that are no more, so that a change that comes late does not bring them back. */
  readonly removed?: DataFile;
}

/**
 * Everything that a table of the lake is, at one commit. Who reads follows the latest manifest and
 * nothing else; what it names stays for the grace period after the next one is there.
 */
export interface Manifest {
  readonly format: 1;
  readonly table: string;
  readonly version: number;
  /** Tells commits of the same version apart. */
  readonly commit: string;
  /** ISO 8601. */
  readonly committedAt: string;
  /** Of changes: all that there ever were. */
  readonly columns: readonly Column[];
  /** Grows when a column becomes wider. */
  readonly schema: number;
  /** Sorted by day, then key. */
  readonly changes: readonly ChangesFile[];
  readonly current: readonly Segment[];
  /** Which content of each object of the intake is in: day → name → ETag. */
  readonly slots: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** No longer named above, and when that was. */
  readonly dropped: readonly { readonly key: string; readonly at: string }[];
}

export function emptyManifest(table: string, columns: readonly Column[]): Manifest {
  return {
    ...{ format: 1, table, version: 0, commit: '', committedAt: new Date(0).toISOString() },
    ...{ columns, schema: 0, changes: [], current: [], slots: {}, dropped: [] },
  };
}

const MANIFESTS = 'manifest/';
const DIGITS = 12;

export function manifestKey(table: string, version: number): string {
  return `${MANIFESTS}table=${table}/${String(version).padStart(DIGITS, '0')}.json`;
}

/** The versions that are still there, in order. */
export async function manifestVersions(store: Pick<LakeStore, 'list'>, table: string) {
  const versions: number[] = [];
  for await (const { key } of store.list(`${MANIFESTS}table=${table}/`)) {
    versions.push(Number(key.slice(-DIGITS - '.json'.length, -'.json'.length)));
  }
  return versions;
}

/** The tables that have commits. */
export async function tablesOf(store: Pick<LakeStore, 'list'>): Promise<string[]> {
  const tables = new Set<string>();
  for await (const { key } of store.list(`${MANIFESTS}table=`)) {
    tables.add(key.slice(`${MANIFESTS}table=`.length, key.lastIndexOf('/')));
  }
  return [...tables];
}

/** The latest commit, or none if there never was one. */
export async function latestManifest(
  store: Pick<LakeStore, 'list' | 'read'>,
  table: string,
): Promise<Manifest | undefined> {
  const version = (await manifestVersions(store, table)).at(-1);
  return version === undefined ? undefined : await readManifest(store, table, version);
}

/** @throws TypeError where it is of a later format */
export async function readManifest(
  store: Pick<LakeStore, 'read'>,
  table: string,
  version: number,
): Promise<Manifest | undefined> {
  const object = await store.read(manifestKey(table, version));
  if (!object) return undefined;
  const manifest = JSON.parse(new TextDecoder().decode(object.bytes)) as Manifest;
  if (manifest.format !== 1) throw new TypeError('A manifest of the lake is of a later format.');
  return manifest;
}

/**
 * Makes the manifest the latest one, if its version is still free. The version of one that is late by
 * more than the grace period may be free again: it only counts as the latest that there is.
 *
 * @returns whether it is. An error says nothing.
 */
export async function commitManifest(store: LakeStore, manifest: Manifest): Promise<boolean> {
  const { table, version, commit } = manifest;
  const bytes = new TextEncoder().encode(JSON.stringify(manifest));
  await store.swap(manifestKey(table, version), bytes, undefined);
  // Asked for, whatever the answer was: a repeated request meets its own manifest.
  return (await latestManifest(store, table))?.commit === commit;
}

/** What comes after `base`: the same, with the next number. */
export function nextManifest(base: Manifest, now: number): Manifest {
  return {
    ...base,
    ...{ version: base.version + 1, commit: randomUUID() },
    committedAt: new Date(now).toISOString(),
  };
}

/** All files that a manifest names as the table's. */
export function filesOf({ changes, current }: Manifest): DataFile[] {
  const states = current.flatMap(({ live, removed }) => [live, removed]);
  return [...changes, ...states].filter((file) => file !== undefined);
}
