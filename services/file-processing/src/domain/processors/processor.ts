import type { ImageFacts, Reason } from '@millrace/types';
import type { Rendered } from '../ports.ts';

/** What one kind of content becomes. To add a kind, add a folder and list it in `index.ts`. */
export interface Processor {
  /** As the rejection names it: `JPEG, PNG, …`. */
  readonly accepts: string;
  /** Media types, as sniffed from the bytes. */
  readonly mediaTypes: readonly string[];
  /** Larger files are rejected unread. */
  readonly maxBytes: number;
  /**
   * A pure function of the bytes. Content that cannot be processed is an answer, not an error;
   * an error means that trying again may help.
   */
  process(bytes: Uint8Array, mediaType: string): Promise<Processed>;
}

export type Processed =
  | {
      readonly kind: 'processed';
      readonly image?: ImageFacts;
      readonly renditions: readonly Rendered[];
    }
  | { readonly kind: 'rejected'; readonly reason: Reason };
