import type { Row, RowLayout } from './row.ts';

/** An object as it was when it was read. */
export interface StoredObject {
  readonly bytes: Uint8Array;
  /** Says which content it was. */
  readonly eTag: string;
}

/** The objects of the lake, written only by compare-and-swap. */
export interface LakeObjects {
  read(key: string): Promise<StoredObject | undefined>;
  /**
   * Writes the object if it still is what `seen` says (not there, if undefined); else answers false
   * and leaves it. An error says nothing about whether it was written.
   */
  swap(key: string, bytes: Uint8Array, seen: StoredObject | undefined): Promise<boolean>;
}

/** How rows are written. Equal rows in equal order give equal bytes. */
export interface RowFormat {
  encode(layout: RowLayout, rows: readonly Row[]): Uint8Array;
  /** Columns that the object lacks are null. */
  decode(layout: RowLayout, bytes: Uint8Array): Promise<Row[]>;
}
