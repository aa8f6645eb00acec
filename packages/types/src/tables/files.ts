import type { FileStatus, ImageFacts, Reason } from '../api/files.ts';

/** Table `files`: partition key `tenant`, sort key `fileId`. Written by file-processing; `awaiting-upload` by api. */
export interface FileItem {
  readonly tenant: string;
  readonly fileId: string;
  readonly name: string;
  readonly bucket: string;
  readonly key: string;
  readonly status: FileStatus;
  /** ISO 8601, milliseconds, UTC. */
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly declaredType?: string;
  readonly detectedType?: string;
  readonly size?: number;
  readonly eTag?: string;
  /** Of the event that this state comes from, right-padded with zeros to 64: compares as text. */
  readonly sequencer?: string;
  readonly uploadId?: string;
  /** The bytes are of another type than was declared. */
  readonly typeMismatch?: boolean;
  /** An older version of the upload was seen before this one. */
  readonly replaced?: boolean;
  readonly image?: ImageFacts;
  readonly renditions?: readonly StoredRendition[];
  readonly reason?: Reason;
}

export interface StoredRendition {
  /** e.g. `w640`. */
  readonly name: string;
  readonly bucket: string;
  readonly key: string;
  readonly contentType: string;
  readonly width: number;
  readonly height: number;
  readonly size: number;
}

/** S3 says: pad the shorter sequencer with zeros on the right, then compare as text. */
export const SEQUENCER_WIDTH = 64;
export function comparableSequencer(sequencer: string): string {
  return sequencer.toUpperCase().padEnd(SEQUENCER_WIDTH, '0');
}
