import { type DocumentItem, type DocumentResource, ProblemError } from '@millrace/types';

export interface DocumentReader {
  /** Its newest state, which may be that it is deleted. */
  find(tenant: string, documentId: string): Promise<DocumentItem | undefined>;
}

/** @throws ProblemError document_not_found, also where the document is another tenant's */
export async function documentOf(
  documents: DocumentReader,
  tenant: string,
  documentId: string,
): Promise<DocumentResource> {
  const item = await documents.find(tenant, documentId);
  if (item !== undefined && !item.deleted) return present(item);
  throw new ProblemError('document_not_found', 'There is no document with this id.');
}

function present(item: DocumentItem): DocumentResource {
  const { documentId, title = '', text = '', url, language, version, updatedAt } = item;
  return {
    ...{ documentId, title, text, updatedAt },
    ...(url !== undefined && { url }),
    ...(language !== undefined && { language }),
    ...(version !== undefined && { version }),
  };
}
