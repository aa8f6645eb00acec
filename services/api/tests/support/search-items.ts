import { beginningsOf, termsOf, wordsOf } from '@millrace/terms';
import {
  bandsOf,
  comparableSequencer,
  type DocumentItem,
  documentSearchId,
  type FileItem,
  PASSAGE_LENGTH,
  type PassageItem,
  type PostingItem,
  passageKey,
  passagePartition,
  postingPartition,
  token,
  versionKey,
} from '@millrace/types';

export interface Described {
  readonly tenant?: string;
  readonly fileId: string;
  readonly sequencer?: string;
  readonly name?: string;
  readonly text?: string;
  readonly hash?: string;
}

export type SearchItem = PostingItem | PassageItem;

/** What file-processing writes into the table `search` for a file. */
export function searchItemsOf(described: Described): SearchItem[] {
  const { tenant = 'acme', fileId, sequencer = '0A', name = '', text = '', hash } = described;
  const postings = new Map<string, Omit<PostingItem, 'pk' | 'sk'>>();
  const words = [...wordsOf(text)];
  for (const word of words) {
    for (const term of termsOf(word).map(token.term)) {
      const { frequency = 0, at = word.from } = postings.get(term) ?? {};
      postings.set(term, { frequency: frequency + 1, length: words.length, at });
    }
  }
  for (const word of wordsOf(name)) {
    for (const term of termsOf(word).map(token.term)) {
      postings.set(term, { ...postings.get(term), named: true });
    }
    for (const one of beginningsOf(word)) postings.set(token.beginning(one), { named: true });
  }
  for (const band of hash === undefined ? [] : bandsOf(hash)) {
    postings.set(token.band(band), { ...(hash !== undefined && { hash }) });
  }
  const sk = versionKey(fileId, sequencer);
  return [
    ...[...postings].map(([of, posting]) => ({ pk: postingPartition(tenant, of), sk, ...posting })),
    ...Array.from({ length: Math.ceil(text.length / PASSAGE_LENGTH) }, (_, number) => ({
      pk: passagePartition(tenant, fileId),
      sk: passageKey(sequencer, number),
      text: text.slice(number * PASSAGE_LENGTH, (number + 1) * PASSAGE_LENGTH),
    })),
  ];
}

/** The file's record, ready at that version. */
export function readyFile({
  tenant = 'acme',
  fileId,
  sequencer = '0A',
  name = '',
  hash,
}: Described): FileItem {
  const at = '2026-11-24T09:00:00.000Z';
  return {
    ...{ tenant, fileId, name, bucket: 'uploads', key: `${tenant}/${fileId}/${name}` },
    ...{ status: 'ready', createdAt: at, updatedAt: at, kind: 'document' },
    sequencer: comparableSequencer(sequencer),
    ...(hash !== undefined && {
      image: { format: 'jpeg', width: 1, height: 1, perceptualHash: hash },
    }),
  };
}

/** What stream-analytics writes into the table `search` for a state of a document. */
export function documentSearchItemsOf(document: DocumentItem): SearchItem[] {
  const { tenant, documentId, order, title = '', text = '' } = document;
  const fileId = documentSearchId(documentId);
  return searchItemsOf({ tenant, fileId, sequencer: order, name: title, text });
}

/** The nth state of a document. */
export function documentItem(
  documentId: string,
  nth: number,
  state: Partial<DocumentItem> = {},
): DocumentItem {
  const content = state.deleted ? {} : { title: '', text: '' };
  return {
    ...{ tenant: 'acme', documentId, order: `${nth}`.padStart(42, '0') },
    ...{ updatedAt: `2026-11-24T09:00:0${nth}.000Z`, ...content, ...state },
  };
}
