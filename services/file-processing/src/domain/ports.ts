import type { ImageFacts, Reason, StoredRendition } from '@millrace/types';
import type { FileIdentity } from './file-identity.ts';
import type { ObjectChange, UploadedVersion } from './object-change.ts';

/** What became of a version. */
export type Verdict = {
  /** As the sender declared it with the object. */
  readonly declaredType?: string;
  /** As the bytes say. */
  readonly detectedType?: string;
  readonly typeMismatch?: boolean;
} & (
  | {
      readonly status: 'ready';
      readonly image?: ImageFacts;
      readonly renditions: readonly StoredRendition[];
    }
  | { readonly status: 'rejected'; readonly reason: Reason }
);

export type Claim =
  /** The version is ours to process. `replaces`: an older version of it was seen before. */
  | { readonly kind: 'claimed'; readonly replaces: boolean }
  /** Its verdict is already recorded: this is a duplicate. */
  | { readonly kind: 'finished'; readonly replaces: boolean }
  /** A newer version or the removal of the object has been seen. */
  | { readonly kind: 'superseded' };

export interface FileRecords {
  /**
   * Records that this version is being processed, unless a newer one or its removal is known.
   *
   * @throws PermanentError `file_id_taken` when the file's id belongs to an object of another key.
   */
  claim(file: FileIdentity, version: UploadedVersion): Promise<Claim>;
  /** Records the verdict; false when the version has been superseded since it was claimed. */
  complete(file: FileIdentity, version: UploadedVersion, verdict: Verdict): Promise<boolean>;
  /**
   * Remembers the removal, so that no late event of an older version brings the file back, and
   * deletes the record unless it is of a newer version. False when the file is another object's.
   */
  remove(file: FileIdentity, removal: ObjectChange): Promise<boolean>;
}

export interface OpenedUpload {
  readonly contentType?: string;
  /** Bytes. */
  readonly size: number;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface Uploads {
  /** Opens exactly this version; undefined when the object has been replaced or removed. */
  open(version: UploadedVersion): Promise<OpenedUpload | undefined>;
}

export interface Media {
  /** Stores a rendition under a key that is the same in every attempt. */
  store(file: FileIdentity, version: UploadedVersion, rendered: Rendered): Promise<StoredRendition>;
}

/** A rendition with its bytes. */
export interface Rendered extends Omit<StoredRendition, 'bucket' | 'key' | 'size'> {
  readonly bytes: Uint8Array;
  /** Without a dot. */
  readonly extension: string;
}

export interface Quarantine {
  /** Keeps a copy of exactly this version with the reason; false when it is gone from the uploads. */
  keep(file: FileIdentity, version: UploadedVersion, reason: Reason): Promise<boolean>;
}

export interface Derivatives {
  /** Deletes everything that was made of those versions of the file whose `order` matches. */
  remove(file: FileIdentity, matches: (order: string) => boolean): Promise<void>;
}
