import type { FileFacts, Reason, StoredRendition } from '@millrace/types';
import type { FileIdentity } from './file-identity.ts';
import type { UploadedVersion } from './object-change.ts';

/** What one kind of content becomes; the heavy half of a `Kind`. */
export interface Processor {
  /**
   * Makes of the upload what is to be made. The same bytes must give the same artefacts under the
   * same names: an attempt that dies is repeated from the start, and overwrites what it left.
   *
   * Content that cannot be processed is an answer, not an error; an error means that trying again
   * may help.
   */
  process(upload: Upload, workbench: Workbench): Promise<Processed>;
}

/** One version of a file, to be read. */
export interface Upload {
  readonly file: FileIdentity;
  readonly version: UploadedVersion;
  /** As the kind recognised it. */
  readonly mediaType: string;
  /** Bytes. */
  readonly size: number;
  /**
   * Streams exactly this version, from the start or a range of it. May be called again.
   *
   * @throws UploadGone when it has been replaced or removed
   */
  read(range?: ByteRange): AsyncIterable<Uint8Array>;
  /** A URL that gives exactly this object for an hour, for programs that read by themselves. */
  url(): Promise<string>;
}

export interface ByteRange {
  readonly from: number;
  /** Inclusive, as in HTTP. */
  readonly to: number;
}

/** Where a processor puts what it makes and tells how far it is. */
export interface Workbench {
  /** Stores an artefact below the version it is made of, under a name that is unique in it. */
  store(artefact: Artefact): Promise<StoredRendition>;
  /** Stores rows in the lake, as the only Parquet file of this version in that table. */
  collect(rows: LakeRows): Promise<StoredRendition>;
  /** 0 to 100. Cheap: most calls write nothing. */
  progress(percent: number): Promise<void>;
  /** Aborted when the work is no longer ours: taken over, replaced, removed, or out of time. */
  readonly signal: AbortSignal;
}

export interface Artefact {
  /** e.g. `w640`; lower-case letters, digits and `-`, `/` for folders. */
  readonly name: string;
  /** Without a dot. */
  readonly extension: string;
  readonly contentType: string;
  /** Pixels, of pictures and videos. */
  readonly width?: number;
  readonly height?: number;
  /** A stream is uploaded in parts: memory holds a few MiB of it. */
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
}

export interface LakeRows {
  /** Which table: lower-case letters, digits and `-`. */
  readonly table: string;
  /** Parquet. */
  readonly body: AsyncIterable<Uint8Array>;
}

export type Processed =
  | {
      readonly kind: 'processed';
      readonly facts: FileFacts;
      /** What is shown of the file, in the order in which it is shown. */
      readonly renditions: readonly StoredRendition[];
      /** What the file can be found by, besides its name. */
      readonly findable?: Findable;
    }
  | { readonly kind: 'rejected'; readonly reason: Reason }
  /** Others go on with it and will record the result. */
  | { readonly kind: 'handed-on' };

export interface Findable {
  readonly title?: string;
  readonly text?: string;
  /** ISO 639-1. */
  readonly language?: string;
  /** 64 bits in hexadecimal. */
  readonly perceptualHash?: string;
}

/** The version that is worked on has been replaced or removed: its event is under way. */
export class UploadGone extends Error {
  override readonly name = 'UploadGone';
}

/** Somebody else has taken the work over, or has finished it: what was made is his as well. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

export function rejected(code: string, message: string): Processed {
  return { kind: 'rejected', reason: { code, message } };
}
