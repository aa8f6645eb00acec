import type { Checksum, FileFacts, FileProgress, FileStatus, Reason } from '../api/files.ts';

/** Table `files`: partition key `tenant`, sort key `fileId`. Written by file-processing; `awaiting-upload` by api. */
export interface FileItem extends FileFacts {
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
  /** The sequencer as S3 gave it: names the version in the keys of what is derived. */
  readonly version?: string;
  readonly uploadId?: string;
  /** As it was announced: S3 takes no other bytes for the upload. */
  readonly checksum?: Checksum;
  /** The bytes are of another type than was declared. */
  readonly typeMismatch?: boolean;
  /** An older version of the upload was seen before this one. */
  readonly replaced?: boolean;
  /** Which processor it goes to. */
  readonly kind?: string;
  /** Of the processor that made the result: `millrace reprocess` redoes what an older one made. */
  readonly processorVersion?: number;
  readonly progress?: FileProgress;
  /** Who is working on this version, and until when (ms since the epoch) nobody else may. */
  readonly worker?: string;
  readonly leaseUntil?: number;
  readonly renditions?: readonly StoredRendition[];
  readonly reason?: Reason;
}

export interface StoredRendition {
  /** e.g. `w640`. */
  readonly name: string;
  readonly bucket: string;
  readonly key: string;
  readonly contentType: string;
  /** Pixels, of pictures and videos. */
  readonly width?: number;
  readonly height?: number;
  readonly size: number;
}

/** S3 says: pad the shorter sequencer with zeros on the right, then compare as text. */
export const SEQUENCER_WIDTH = 64;
export function comparableSequencer(sequencer: string): string {
  return sequencer.toUpperCase().padEnd(SEQUENCER_WIDTH, '0');
}
