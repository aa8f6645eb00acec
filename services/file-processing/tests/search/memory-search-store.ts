import type { Posting, SearchStore, StoredManifest, Subject } from '@millrace/search-index';
import type { Wire } from '../model/memory-cloud.ts';

/** The store in memory, held to the same contract as the table; every single write is a request. */
export function memorySearchStore(wire: Wire = async (_name, request) => request()) {
  const postings = new Map<string, Posting>();
  const passages = new Map<string, string>();
  const manifests = new Map<string, StoredManifest & { expires: boolean }>();
  const keyOf = ({ tenant, fileId }: Subject, ...rest: readonly (string | number)[]) =>
    [tenant, fileId, ...rest].join('#');
  const each = async <T>(name: string, all: Iterable<T>, write: (one: T) => void) => {
    for (const one of all) await wire(name, () => write(one));
  };

  const store: SearchStore = {
    manifests: (file, sequencer = '') =>
      wire('manifests', () =>
        [...manifests].flatMap(([key, { expires: _expires, ...manifest }]) =>
          key.startsWith(`${keyOf(file, sequencer)}${sequencer && '#'}`) ? [manifest] : [],
        ),
      ),
    announce: (file, all) =>
      each('announce', all, (one) =>
        manifests.set(keyOf(file, one.sequencer, one.id), {
          ...one,
          isFinished: false,
          expires: false,
        }),
      ),
    async write(file, sequencer, entries) {
      await each('write', entries.postings, ([token, posting]) =>
        postings.set(keyOf(file, sequencer, token), posting),
      );
      await each('write', entries.passages.entries(), ([number, text]) =>
        passages.set(keyOf(file, sequencer, number), text),
      );
    },
    async erase(file, sequencer, entries) {
      await each('erase', entries.tokens, (one) => postings.delete(keyOf(file, sequencer, one)));
      await each('erase', entries.passages, (one) => passages.delete(keyOf(file, sequencer, one)));
    },
    async finish(file, all) {
      let isFinished = true;
      await each('finish', all, (one) => {
        const key = keyOf(file, one.sequencer, one.id);
        const stored = manifests.get(key);
        if (stored && !stored.expires) manifests.set(key, { ...stored, isFinished: true });
        else isFinished = false;
      });
      return isFinished;
    },
    forget: (file, all) =>
      each('forget', all, (one) => manifests.delete(keyOf(file, one.sequencer, one.id))),
    expire: (file, all) =>
      each('expire', all, (one) => {
        const key = keyOf(file, one.sequencer, one.id);
        const stored = manifests.get(key);
        if (stored) manifests.set(key, { ...stored, isFinished: false, expires: true });
      }),
  };
  return { store, postings, passages, manifests };
}
