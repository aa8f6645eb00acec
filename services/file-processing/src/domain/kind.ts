/** What the router has seen of an upload: enough to tell its kind, never all of it. */
export interface Sample {
  /** The first bytes (64 KiB, or all there are); of a gzip or zstd file the first bytes inside. */
  readonly bytes: Uint8Array;
  /** How the file is compressed as a whole, where it is. */
  readonly compression?: 'gzip' | 'zstd';
  /** Media type by its signature, where the bytes have one; of a compressed file that of its inside. */
  readonly signature?: string;
  /** As a person would call the file. Only text, which has no signature, may be told by its name. */
  readonly name: string;
  /** As the sender declared it. The same holds as for the name. */
  readonly declaredType?: string;
  /** Bytes of the file as it was uploaded. */
  readonly size: number;
}

/**
 * One kind of content, as the router sees it. It is loaded with all others into a small function, so
 * nothing here may import a decoder; that is the `Processor`'s.
 */
export interface Kind {
  /** Names its folder, its work queue and its function: lower case. */
  readonly name: string;
  /** Raised when the same file would give another result: `millrace reprocess` finds what is older. */
  readonly version: number;
  /** As a rejection names it: `JPEG, PNG, … pictures`. */
  readonly accepts: string;
  /** Larger files are rejected unread. */
  readonly maxBytes: number;
  /**
   * The media type of a file of this kind, undefined where it is of another. Kinds are asked in the
   * order in which `kinds.ts` lists them.
   */
  recognize(sample: Sample): string | undefined;
}
