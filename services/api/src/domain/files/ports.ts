import type { Checksum, FileItem } from '@millrace/types';
import type { PageRequest, StoredPage } from '../paging.ts';

export interface FileStore {
  /** Stores the item unless there is one with its id; returns what is stored then. */
  addOnce(item: FileItem): Promise<FileItem>;
  find(tenant: string, fileId: string): Promise<FileItem | undefined>;
  list(tenant: string, page: PageRequest): Promise<StoredPage<FileItem>>;
  /** Keeps the first multipart upload of a file; returns the one that is kept. */
  keepUpload(item: FileItem, uploadId: string): Promise<string>;
  /** Forgets a file of which nothing has been uploaded; leaves any other alone. */
  forgetAwaiting(item: FileItem): Promise<void>;
}

export interface UploadPart {
  readonly partNumber: number;
  readonly eTag: string;
}

/** A part that has arrived. */
export interface StoredPart extends UploadPart {
  /** Bytes. */
  readonly size: number;
  readonly checksum?: Checksum;
}

export type JoinResult =
  | { readonly kind: 'joined' }
  /** The whole is not what the checksum says; the parts stay. */
  | { readonly kind: 'mismatch' }
  /** There is no such multipart upload: joined before, aborted or expired. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'refused'; readonly reason: string };

export interface SignedPut {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The bucket `uploads`. */
export interface Uploads {
  readonly bucket: string;
  /** A URL that takes exactly this type, these many bytes, and of these none but the checksum's. */
  signPut(
    key: string,
    content: {
      readonly type: string;
      readonly size: number;
      readonly checksum?: Checksum | undefined;
    },
    expiresIn: number,
  ): Promise<SignedPut>;
  /** Begins a multipart upload whose whole has a checksum of this algorithm. */
  begin(key: string, contentType: string, algorithm: Checksum['algorithm']): Promise<string>;
  signPart(
    key: string,
    part: {
      readonly uploadId: string;
      readonly partNumber: number;
      readonly size: number;
      readonly checksum?: Checksum | undefined;
    },
    expiresIn: number,
  ): Promise<SignedPut>;
  /** Whether the multipart upload takes parts: it was neither joined nor aborted, nor has it expired. */
  isOpen(key: string, uploadId: string): Promise<boolean>;
  /** Undefined where there is no such multipart upload: joined, aborted or expired. */
  parts(key: string, uploadId: string): Promise<readonly StoredPart[] | undefined>;
  /** Makes the parts one object, unless it would not have the checksum. */
  join(
    key: string,
    uploadId: string,
    parts: readonly UploadPart[],
    checksum: Checksum | undefined,
  ): Promise<JoinResult>;
  /** Succeeds also where there is nothing to abort. */
  abort(key: string, uploadId: string): Promise<void>;
  /** What has arrived as one object; undefined where nothing has. */
  find(key: string): Promise<{ readonly checksum?: Checksum } | undefined>;
  /** Succeeds also where there is nothing to delete. */
  remove(key: string): Promise<void>;
}

/** Playlists that were made of an upload. */
export interface Playlists {
  /** Undefined where there is none. */
  read(object: { readonly bucket: string; readonly key: string }): Promise<string | undefined>;
}

/** Gives a picture that was made of an upload to whom may see it. */
export interface Media {
  signGet(rendition: { readonly bucket: string; readonly key: string }): Promise<string>;
}
