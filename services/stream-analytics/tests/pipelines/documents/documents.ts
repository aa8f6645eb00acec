import type { SearchIndex } from '@millrace/search-index';
import { comparableSequencer, type DocumentItem } from '@millrace/types';
import type { DocumentEvent } from '../../../src/pipelines/documents/document-event.ts';
import type { DocumentStore } from '../../../src/pipelines/documents/index-document.ts';

export function documentEvent(
  id: string,
  time: string,
  data: Partial<DocumentEvent['data']> = {},
): DocumentEvent {
  return {
    specversion: '1.0',
    id,
    source: '/wiki',
    type: 'millrace.document.v1',
    time,
    data: {
      documentId: 'd1',
      ...(data.deleted ? {} : { title: `title ${id}`, text: `text ${id}` }),
      ...data,
    },
  };
}

/** Called before and after each request; may throw, or let others go first. */
export type Wire = () => Promise<void> | void;

/** Both stores in memory, held to what the tables do. */
export function memoryStores(wire: Wire = () => {}) {
  const items = new Map<string, DocumentItem>();
  const entries = new Map<string, string>();
  const keyOf = (tenant: string, documentId: string) => JSON.stringify([tenant, documentId]);
  const request = async <T>(act: () => T): Promise<T> => {
    await wire();
    const result = act();
    await wire();
    return result;
  };
  const documents: DocumentStore = {
    newestOrder: (tenant, id) => request(() => items.get(keyOf(tenant, id))?.order),
    replace: (item) =>
      request(() => {
        const key = keyOf(item.tenant, item.documentId);
        const before = items.get(key);
        if (before && before.order >= item.order) return false;
        items.set(key, item);
        return true;
      }),
  };
  const index: SearchIndex = {
    put: ({ tenant, fileId }, { sequencer }, { name, text }) =>
      request(
        () =>
          void entries.set(
            JSON.stringify([tenant, fileId, sequencer]),
            JSON.stringify([name, text]),
          ),
      ),
    remove: ({ tenant, fileId }, matches) =>
      request(() => {
        for (const key of entries.keys()) {
          const [ofTenant, ofFile, sequencer] = JSON.parse(key) as [string, string, string];
          if (ofTenant === tenant && ofFile === fileId && matches(comparableSequencer(sequencer)))
            entries.delete(key);
        }
      }),
  };
  return { documents, index, items, entries };
}
