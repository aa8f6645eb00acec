import type { DocumentItem, FileItem, PostingItem } from '@millrace/types';

export type Posting = Omit<PostingItem, 'pk' | 'sk'>;

/** Postings of one token by version key. */
export interface PostingList {
  readonly postings: ReadonlyMap<string, Posting>;
  /** Where there are more: the smallest version key that was read. */
  readonly unreadBelow?: string;
}

/** What file-processing and stream-analytics made findable. It may tell of versions that no longer count. */
export interface SearchReader {
  /** From the greatest version key downwards. */
  postings(tenant: string, token: string, limit: number): Promise<PostingList>;
  /** Those of these versions that have the token. */
  postingsOf(
    tenant: string,
    token: string,
    versionKeys: readonly string[],
  ): Promise<ReadonlyMap<string, Posting>>;
  /** Texts in the order in which they are asked for; undefined where there is none. */
  passages(tenant: string, wanted: readonly PassageName[]): Promise<(string | undefined)[]>;
}

export interface PassageName {
  readonly versionKey: string;
  readonly number: number;
}

/** The records of files, which say what counts. */
export interface FileLookup {
  /** As they are at this moment, by id; without those that are not there. */
  findAll(tenant: string, fileIds: readonly string[]): Promise<ReadonlyMap<string, FileItem>>;
}

/** What a hit shows of a document. */
export type DocumentState = Pick<
  DocumentItem,
  'documentId' | 'order' | 'deleted' | 'title' | 'language'
>;

/** The records of documents, which say what counts. */
export interface DocumentLookup {
  /** As they are at this moment, by id; without those that are not there. */
  findAll(
    tenant: string,
    documentIds: readonly string[],
  ): Promise<ReadonlyMap<string, DocumentState>>;
}
