import type { FileItem } from '@millrace/types';
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

export type JoinResult =
  | { readonly kind: 'joined' }
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
  /** A URL that takes exactly this type and these many bytes. */
  signPut(
    key: string,
    content: { readonly type: string; readonly size: number },
    expiresIn: number,
  ): Promise<SignedPut>;
  begin(key: string, contentType: string): Promise<string>;
  signPart(
    key: string,
    part: { readonly uploadId: string; readonly partNumber: number; readonly size: number },
    expiresIn: number,
  ): Promise<string>;
  join(key: string, uploadId: string, parts: readonly UploadPart[]): Promise<JoinResult>;
  /** Succeeds also where there is nothing to abort. */
  abort(key: string, uploadId: string): Promise<void>;
  exists(key: string): Promise<boolean>;
  /** Succeeds also where there is nothing to delete. */
  remove(key: string): Promise<void>;
}

/** Gives a picture that was made of an upload to whom may see it. */
export interface Media {
  signGet(rendition: { readonly bucket: string; readonly key: string }): Promise<string>;
}
