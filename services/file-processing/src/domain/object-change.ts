/** An object was written to or removed from the bucket of uploads. */
export interface ObjectChange {
  readonly bucket: string;
  /** Not encoded. */
  readonly key: string;
  /** When S3 noticed it, ISO 8601. */
  readonly happenedAt: string;
  /** As S3 gave it: hexadecimal without padding. Names the version in the keys of what is derived. */
  readonly sequencer: string;
  /** The sequencer as text that can be compared with others of the same key. */
  readonly order: string;
}

/** One version of an uploaded object. */
export interface UploadedVersion extends ObjectChange {
  /** Without quotes. */
  readonly eTag: string;
  /** Bytes. */
  readonly size: number;
}
