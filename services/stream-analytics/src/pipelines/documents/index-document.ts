import type { SearchIndex } from '@millrace/search-index';
import { comparableSequencer, type DocumentItem, documentSearchId } from '@millrace/types';
import type { DocumentEvent } from './document-event.ts';
import { documentItemFrom } from './document-item.ts';

export interface DocumentStore {
  /** The order of the newest state; undefined where there is none. */
  newestOrder(tenant: string, documentId: string): Promise<string | undefined>;
  /** False where a state is there that is not older: nothing was written. */
  replace(item: DocumentItem): Promise<boolean>;
}

export type Indexed = 'written' | 'deleted' | 'unchanged';

/**
 * Brings the table `documents` and the search index to what an event says, unless something newer
 * does already.
 *
 * - Entries are written before the record that makes them count, so a document is found by its old
 *   contents until it is found by the new ones. Readers show only entries of the record's order.
 * - Each step may be repeated. Whoever dies between two of them is delivered again, and then does the
 *   rest, or, if he was overtaken, takes back what he had written.
 */
export async function indexDocument(
  event: DocumentEvent,
  tenant: string,
  { documents, index }: { readonly documents: DocumentStore; readonly index: SearchIndex },
): Promise<Indexed> {
  const item = documentItemFrom(event, tenant);
  const { documentId, order } = item;
  const subject = { tenant, fileId: documentSearchId(documentId) };
  const removeOlderThan = (newest: string) =>
    index.remove(subject, (other) => other < comparableSequencer(newest));

  const newest = await documents.newestOrder(tenant, documentId);
  if (newest !== undefined && newest >= order) {
    await removeOlderThan(newest);
    return 'unchanged';
  }
  if (!item.deleted) {
    await index.put(
      subject,
      { sequencer: order },
      { name: item.title ?? '', text: item.text ?? '' },
    );
  }
  const isNewest = await documents.replace(item);
  const kept = isNewest ? order : ((await documents.newestOrder(tenant, documentId)) ?? order);
  await removeOlderThan(kept);
  if (!isNewest) return 'unchanged';
  return item.deleted ? 'deleted' : 'written';
}
