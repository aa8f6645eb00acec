/**
 * Table `search` (partition key `pk`, sort key `sk`): an inverted index. Written by file-processing
 * and, for documents, by stream-analytics; read by api. No part of a key but the last may hold `#`, and
 * neither tenants, file ids, `documentSearchId`s, sequencers nor tokens do.
 *
 * Every item is of one version of a file or document and says so in its key: versions never overwrite
 * each other, and whoever reads compares with the table `files` or `documents` which version counts.
 */
export interface PostingItem {
  /** `postingPartition(tenant, token)`. */
  readonly pk: string;
  /** `versionKey(fileId, sequencer)`. */
  readonly sk: string;
  /** How often the term is in the text. */
  readonly frequency?: number;
  /** How many words the text has. */
  readonly length?: number;
  /** Where the term is first in the text, in UTF-16 code units. */
  readonly at?: number;
  /** The term is in the file's name or title. */
  readonly named?: boolean;
  /** Of a picture, 64 bits in hexadecimal. */
  readonly hash?: string;
}

/** A piece of a text, to be shown where something is found in it. */
export interface PassageItem {
  /** `passagePartition(tenant, fileId)`. */
  readonly pk: string;
  /** `passageKey(sequencer, number)`. */
  readonly sk: string;
  readonly text: string;
}

/** UTF-16 code units of each passage but the last. */
export const PASSAGE_LENGTH = 2000;

/** What a posting stands under; the kinds never meet. */
export const token = {
  /** A term of the name, the title or the text. */
  term: (term: string) => `term-${term}`,
  /** The beginning of a word in the name or title. */
  beginning: (beginning: string) => `beginning-${beginning}`,
  /** A band of a perceptual hash. */
  band: (band: string) => `band-${band}`,
};

export function postingPartition(tenant: string, ofToken: string): string {
  return `${tenant}#posting#${ofToken}`;
}

export function versionKey(fileId: string, sequencer: string): string {
  return `${fileId}#${sequencer}`;
}

export function versionOfKey(sk: string): { fileId: string; sequencer: string } {
  const [fileId = '', sequencer = ''] = sk.split('#');
  return { fileId, sequencer };
}

export function passagePartition(tenant: string, fileId: string): string {
  return `${tenant}#passage#${fileId}`;
}

export function passageKey(sequencer: string, number: number): string {
  return `${sequencer}#${String(number).padStart(6, '0')}`;
}
