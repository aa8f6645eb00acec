import type { Image } from './attribute-value.ts';

/** One change of one item of a table. */
export interface Change {
  /** Unique, and the same in every delivery. */
  readonly id: string;
  readonly op: 'INSERT' | 'MODIFY' | 'REMOVE';
  /** Decimal text: grows with every change of an item. */
  readonly sequence: string;
  /** When the table took it, to the second. */
  readonly changedAt: Date;
  readonly keys: Image;
  readonly newImage?: Image;
  readonly oldImage?: Image;
  /** The item was removed because its time to live was over. */
  readonly expired: boolean;
}

/** The item after the change; where it was removed, as it was last. */
export function imageOf(change: Change): Image {
  return change.newImage ?? change.oldImage ?? change.keys;
}
