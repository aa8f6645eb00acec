/**
 * Table `documents` (partition key `tenant`, sort key `documentId`): the newest state of each document,
 * written by stream-analytics, read by api and etl.
 */
export interface DocumentItem {
  readonly tenant: string;
  readonly documentId: string;
  /** Which event this state is of: later events have greater ones. The `sequencer` in table `search`. */
  readonly order: string;
  /** Event time, ISO 8601. */
  readonly updatedAt: string;
  /** A tombstone, kept until no older event can arrive any more. */
  readonly deleted?: true;
  readonly title?: string;
  readonly text?: string;
  readonly url?: string;
  /** ISO 639-1, as declared or else as detected. */
  readonly language?: string;
  readonly version?: string;
  /** Seconds since the epoch; of tombstones. */
  readonly expiresAt?: number;
}

const PREFIX = 'document:';

/** What a document is called in table `search`, where ids of files are UUIDs. */
export function documentSearchId(documentId: string): string {
  return `${PREFIX}${documentId}`;
}

/** undefined where it is a file's. */
export function documentIdOf(searchId: string): string | undefined {
  return searchId.startsWith(PREFIX) ? searchId.slice(PREFIX.length) : undefined;
}
