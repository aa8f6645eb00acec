import type { Column, Row, RowLayout } from './row.ts';

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
  encode(layout: Pick<RowLayout, 'columns'>, rows: readonly Row[]): Uint8Array;
  /** The columns that an object has. */
  columnsOf(bytes: Uint8Array): Column[];
  /**
   * Columns that the object lacks are null, whole numbers where doubles are wanted are doubles.
   *
   * @throws LakeSchemaError
   */
  decode(layout: RowLayout, bytes: Uint8Array): Promise<Row[]>;
}

export interface ListedObject {
  readonly key: string;
  readonly eTag: string;
  readonly bytes: number;
}

/** An object that comes to be piece by piece. It is there, whole, when `finish` has returned. */
export interface ObjectWriter {
  write(bytes: Uint8Array): Promise<void>;
  finish(): Promise<void>;
  /** Leaves nothing behind. */
  abort(): Promise<void>;
}

/** What tables with commits need beyond: objects that are written once and read in part. */
export interface LakeStore extends LakeObjects {
  /** In the order of their keys. */
  list(prefix: string): AsyncIterable<ListedObject>;
  /** Bytes from `start` to before `end`. */
  readRange(key: string, start: number, end: number): Promise<Uint8Array>;
  create(key: string): ObjectWriter;
  /** Also where there is none. */
  remove(key: string): Promise<void>;
  /** Removes the object if it still has this content; else leaves it and answers false. */
  removeIf(key: string, eTag: string): Promise<boolean>;
}
