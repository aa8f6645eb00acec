import type { Cell, Column } from '../../../content/parquet.ts';
import type { Privacy } from '../privacy.ts';

/** One form of log: which lines are of it, and what rows they become. */
export interface LogFormat {
  /** As facts and the lake's table name it. */
  readonly name: string;
  readonly columns: readonly Column[];
  /** Of one file: headers inside it tell how to read what follows. */
  reader(privacy: Privacy): LineReader;
}

/**
 * An entry; `header` for a line that tells about the others (a directive, names of fields); undefined
 * for a line that is not of this form. Never throws, and takes time in proportion to the line.
 */
export type LineReader = (text: string) => Entry | 'header' | undefined;

export interface Entry {
  /** In the order of the format's columns. */
  readonly cells: readonly Cell[];
  /** Milliseconds since 1970, UTC. */
  readonly time: number | undefined;
  /** What the format counts by: an HTTP status, a level, what a firewall did. */
  readonly status: string | undefined;
  /** Of the URL, without its query. */
  readonly path: string | undefined;
  readonly isError: boolean;
}

/** A client's or a server's error: RFC 9110, sections 15.5 and 15.6. */
export const isErrorStatus = (status: number): boolean => status >= 400;
