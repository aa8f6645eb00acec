/** A file of the demo and what must come of it. */
export interface SampleFile {
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Buffer;
  readonly expected: Expected;
}

export type Expected =
  /** A picture of this size, upright, with its whole ladder. */
  | { readonly status: 'ready'; readonly width: number; readonly height: number }
  /** As `describeFile` says it. */
  | { readonly status: 'ready'; readonly result: string }
  | { readonly status: 'rejected' }
  | { readonly status: 'failed'; readonly code: string };
