import { createHash } from 'node:crypto';
import { comparableSequencer } from '@millrace/types';
import { type Findable, type SearchEntries, searchEntries } from './search-entries.ts';

/** What is found: a file, or a document by its `documentSearchId`. */
export interface Subject {
  readonly tenant: string;
  readonly fileId: string;
}

/** By what files and documents are found. It may hold what no longer counts: readers ask its record. */
export interface SearchIndex {
  /** Makes a version findable. May be repeated, also with other contents. */
  put(file: Subject, version: { readonly sequencer: string }, findable: Findable): Promise<void>;
  /** Forgets all that was put for those versions of the file whose `order` matches. */
  remove(file: Subject, matches: (order: string) => boolean): Promise<void>;
}

/** Names entries of a version. They can be taken back by it, though the upload itself is gone. */
export interface Manifest {
  /** Of its content: manifests are added and forgotten, never changed. */
  readonly id: string;
  readonly sequencer: string;
  readonly tokens: readonly string[];
  /** How many passages the version has. */
  readonly passages: number;
  /** The version's text holds more than is indexed. */
  readonly isTruncated: boolean;
}

export interface StoredManifest extends Manifest {
  /** Nobody writes entries of it any more. */
  readonly isFinished: boolean;
}

export interface SearchStore {
  /** Of all versions of the file, or of one. */
  manifests(file: Subject, sequencer?: string): Promise<readonly StoredManifest[]>;
  /** Stores manifests as unfinished, also where they are finished or expire. */
  announce(file: Subject, manifests: readonly Manifest[]): Promise<void>;
  /** Overwrites what a former attempt wrote. */
  write(file: Subject, sequencer: string, entries: SearchEntries): Promise<void>;
  erase(
    file: Subject,
    sequencer: string,
    entries: { readonly tokens: Iterable<string>; readonly passages: Iterable<number> },
  ): Promise<void>;
  /** False where any of them is forgotten or expires. */
  finish(file: Subject, manifests: readonly Manifest[]): Promise<boolean>;
  forget(file: Subject, manifests: readonly Manifest[]): Promise<void>;
  /** Forgets manifests later; until then they are found as unfinished. */
  expire(file: Subject, manifests: readonly Manifest[]): Promise<void>;
}

/**
 * - Entries carry their version in their key: no version overwrites another's.
 * - A manifest of them is there before they are, so what an attempt that died had written is known.
 * - Who is overtaken by a removal while he writes sees it at the end, and takes his entries back. If
 *   he dies before, his manifest still is there when his version is withdrawn.
 */
export function searchIndex(store: SearchStore): SearchIndex {
  return {
    async put(file, { sequencer }, findable) {
      const entries = searchEntries(findable);
      const manifests = manifestsOf(sequencer, entries);
      const ids = new Set(manifests.map(({ id }) => id));
      const former = await store.manifests(file, sequencer);
      const stale = former.filter(({ id }) => !ids.has(id));

      await store.announce(file, manifests);
      await store.write(file, sequencer, entries);
      if (stale.length > 0) {
        await store.erase(file, sequencer, without(entriesOf(stale), entriesOf(manifests)));
        await store.forget(file, stale);
      }
      if (await store.finish(file, manifests)) return;
      await store.erase(file, sequencer, entriesOf(manifests));
      await store.forget(file, manifests);
    },

    async remove(file, matches) {
      const manifests = await store.manifests(file);
      const ours = manifests.filter(({ sequencer }) => matches(comparableSequencer(sequencer)));
      for (const [sequencer, ofVersion] of Map.groupBy(ours, (manifest) => manifest.sequencer)) {
        await store.erase(file, sequencer, entriesOf(ofVersion));
        const finished = ofVersion.filter(({ isFinished }) => isFinished);
        const unfinished = ofVersion.filter(({ isFinished }) => !isFinished);
        // In this order: should only one of them come to pass, what is not finished is still known.
        if (unfinished.length > 0) await store.expire(file, unfinished);
        if (finished.length > 0) await store.forget(file, finished);
      }
    },
  };
}

/** An item holds 400 KB at most, and a token is up to 270 bytes. */
const TOKENS_PER_MANIFEST = 1_000;

function manifestsOf(
  sequencer: string,
  { postings, passages, isTruncated }: SearchEntries,
): Manifest[] {
  const all = [...postings.keys()];
  const parts = Array.from({ length: Math.ceil(all.length / TOKENS_PER_MANIFEST) }, (_, part) =>
    all.slice(part * TOKENS_PER_MANIFEST, (part + 1) * TOKENS_PER_MANIFEST),
  );
  // A file of no words has no postings, but may have passages.
  return (parts.length > 0 ? parts : [[]]).map((tokens) => {
    const content = JSON.stringify([tokens, passages.length, isTruncated]);
    const id = createHash('sha256').update(content).digest('hex').slice(0, 32);
    return { id, sequencer, tokens, passages: passages.length, isTruncated };
  });
}

function entriesOf(manifests: readonly Manifest[]) {
  const passages = Math.max(0, ...manifests.map((manifest) => manifest.passages));
  return {
    tokens: new Set(manifests.flatMap(({ tokens }) => tokens)),
    passages: new Set(Array(passages).keys()),
  };
}

type Entries = ReturnType<typeof entriesOf>;

function without(former: Entries, kept: Entries): Entries {
  return {
    tokens: new Set([...former.tokens].filter((one) => !kept.tokens.has(one))),
    passages: new Set([...former.passages].filter((one) => !kept.passages.has(one))),
  };
}
