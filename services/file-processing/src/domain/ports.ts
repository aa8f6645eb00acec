import type { FileFacts, Reason, StoredRendition } from '@millrace/types';
import type { FileIdentity } from './file-identity.ts';
import type { ObjectChange, UploadedVersion } from './object-change.ts';
import type { Artefact, ByteRange, LakeRows } from './processor.ts';

/** What is known of a version's content before it is processed. */
export interface ContentTypes {
  /** Which processor it goes to. */
  readonly kind?: string;
  /** As the sender declared it with the object. */
  readonly declaredType?: string;
  /** As the bytes say. */
  readonly detectedType?: string;
  readonly typeMismatch?: boolean;
}

/** What became of a version. */
export type Verdict = ContentTypes &
  (
    | (FileFacts & {
        readonly status: 'ready';
        readonly processorVersion: number;
        readonly renditions: readonly StoredRendition[];
      })
    | {
        readonly status: 'rejected';
        readonly processorVersion?: number;
        readonly reason: Reason;
      }
  );

export type Claim =
  /**
   * The version is ours to route. `replaces`: an older version of it was seen before. `isQueued`: it
   * has been routed before.
   */
  | { readonly kind: 'claimed'; readonly replaces: boolean; readonly isQueued: boolean }
  /** Its verdict is already recorded: this is a duplicate. */
  | { readonly kind: 'finished'; readonly replaces: boolean }
  /** A newer version or the removal of the object has been seen. */
  | { readonly kind: 'superseded' };

/** Who works on a version, and until when nobody else may. */
export interface Lease {
  /** Of the message that the work came by: its redelivery is told from another message. */
  readonly worker: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

export type Beginning =
  | { readonly kind: 'begun'; readonly replaces: boolean }
  /** Somebody is working on it: by the same message, or by another one. */
  | { readonly kind: 'busy'; readonly worker: string }
  | { readonly kind: 'finished'; readonly replaces: boolean }
  | { readonly kind: 'superseded' };

/** Whether a lease is held; `lost`: another worker has the version, or it has its verdict. */
export type Holding = 'held' | 'lost' | 'superseded';

export interface FileRecords {
  /**
   * Records that this version is being processed, unless a newer one or its removal is known.
   *
   * @throws PermanentError `file_id_taken` when the file's id belongs to an object of another key.
   */
  claim(file: FileIdentity, version: UploadedVersion): Promise<Claim>;
  /** Records that the work on this version waits in a queue; too late, it changes nothing. */
  queue(file: FileIdentity, version: UploadedVersion, types: ContentTypes): Promise<void>;
  /**
   * Takes the lease of a version that is to be processed, and records what its content is. `again`:
   * also where its verdict is there, which stays until the new one takes its place.
   */
  begin(
    file: FileIdentity,
    version: UploadedVersion,
    lease: Lease,
    options?: {
      readonly types?: ContentTypes;
      readonly again?: boolean;
      /** With `again`: only while the record is as it was then, so that it is done again once. */
      readonly seenAt?: string;
    },
  ): Promise<Beginning>;
  /** Keeps the lease and tells how far the work is. */
  renew(
    file: FileIdentity,
    version: UploadedVersion,
    lease: Lease,
    percent: number,
  ): Promise<Holding>;
  /**
   * Records the verdict; false when the version has been superseded since it was claimed. `again`:
   * in the place of another verdict.
   */
  complete(
    file: FileIdentity,
    version: UploadedVersion,
    verdict: Verdict,
    options?: { readonly again?: boolean },
  ): Promise<boolean>;
  /**
   * Records that the version could not be processed; a verdict that is there stays.
   *
   * @throws TransientError `upload_in_work` while somebody has its lease
   */
  fail(file: FileIdentity, version: UploadedVersion, reason: Reason): Promise<void>;
  /**
   * Remembers the removal, so that no late event of an older version brings the file back, and
   * deletes the record unless it is of a newer version. False when the file is another object's.
   */
  remove(file: FileIdentity, removal: ObjectChange): Promise<boolean>;
}

export interface OpenedUpload {
  readonly contentType?: string;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface Uploads {
  /**
   * Opens exactly this version, or a range of it; undefined when the object has been replaced or
   * removed.
   */
  open(version: UploadedVersion, range?: ByteRange): Promise<OpenedUpload | undefined>;
  isThere(version: UploadedVersion): Promise<boolean>;
  /** A URL that gives the object to whoever has it, for an hour. */
  url(version: UploadedVersion): Promise<string>;
}

/** What is made of uploads. */
export interface Products {
  /** Stores an artefact under a key that is the same in every attempt. */
  store(file: FileIdentity, version: UploadedVersion, artefact: Artefact): Promise<StoredRendition>;
  /** Stores rows in the lake under a key that is the same in every attempt. */
  collect(file: FileIdentity, version: UploadedVersion, rows: LakeRows): Promise<StoredRendition>;
}

export interface Quarantine {
  /** Keeps a copy of exactly this version with the reason; false when it is gone from the uploads. */
  keep(file: FileIdentity, version: UploadedVersion, reason: Reason): Promise<boolean>;
}

export interface Derivatives {
  /** Deletes everything that was made of those versions of the file whose `order` matches. */
  remove(file: FileIdentity, matches: (order: string) => boolean): Promise<void>;
  /** Deletes the objects that were made of this version, except those with these keys. */
  prune(file: FileIdentity, version: UploadedVersion, kept: ReadonlySet<string>): Promise<void>;
}

/** Work on one version, on its way to the processor of its kind. */
export interface Work {
  readonly version: UploadedVersion;
  readonly kind: string;
  readonly mediaType: string;
  readonly types: ContentTypes;
  /** Its verdict is there and is to be replaced. */
  readonly again?: boolean;
  /** `updatedAt` of the record with that verdict. */
  readonly seenAt?: string;
  /** How often the work was put off because the scanner had not answered yet. */
  readonly waits?: number;
}

export interface WorkQueues {
  send(work: Work, options?: { readonly delaySeconds?: number }): Promise<void>;
}
