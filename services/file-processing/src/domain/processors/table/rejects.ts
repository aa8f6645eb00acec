import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { StoredRendition } from '@millrace/types';
import type { Workbench } from '../../processor.ts';
import type { Fault } from './record.ts';

const BUFFER_BYTES = 1024 ** 2;
/** In UTF-16 units; the line number leads to the rest. */
const MAX_RAW_LENGTH = 4096;
/** Of a row of thousands of columns, the first tell enough. */
const MAX_FAULTS = 10;

export interface Reject {
  readonly line: number;
  /** From 1, header not counted. */
  readonly row: number;
  readonly faults: readonly Fault[];
  readonly raw: string;
}

/**
 * Writes the rows that were not taken, as NDJSON, beside the rows that are: both are uploaded at the
 * same time by readers that do not wait for each other, so that either may be of any length and none
 * is kept. Without rejects nothing is stored.
 */
export class Rejects {
  readonly #bench: Workbench;
  #count = 0;
  #body: PassThrough | undefined;
  #stored: Promise<StoredRendition> | undefined;

  constructor(bench: Workbench) {
    this.#bench = bench;
  }

  get count(): number {
    return this.#count;
  }

  /** Waits while more is buffered than may be. */
  async add(rejects: readonly Reject[]): Promise<void> {
    if (rejects.length === 0) return;
    this.#count += rejects.length;
    const body = this.#open();
    if (body.write(rejects.map(toLine).join(''))) return;
    // An upload that fails will never drain it.
    await Promise.race([once(body, 'drain'), this.#stored]);
  }

  async end(): Promise<StoredRendition | undefined> {
    this.#body?.end();
    return this.#stored;
  }

  /** Nothing is to be stored after all. */
  async abandon(reason: unknown): Promise<void> {
    this.#body?.destroy(reason instanceof Error ? reason : new Error('The rows were abandoned.'));
    await this.#stored?.catch(() => {});
  }

  #open(): PassThrough {
    if (this.#body) return this.#body;
    const body = new PassThrough({ highWaterMark: BUFFER_BYTES });
    // Who reads it has the error already.
    body.on('error', () => {});
    this.#stored = this.#bench.store({
      ...{ name: 'rejects', extension: 'ndjson', contentType: 'application/x-ndjson', body },
    });
    this.#stored.catch((error: unknown) => body.destroy(error as Error));
    this.#body = body;
    return body;
  }
}

function toLine({ line, row, faults, raw }: Reject): string {
  const isCut = raw.length > MAX_RAW_LENGTH;
  return `${JSON.stringify({
    line,
    row,
    reasons: faults.slice(0, MAX_FAULTS),
    raw: isCut ? raw.slice(0, MAX_RAW_LENGTH).toWellFormed() : raw,
    ...(isCut && { rawIsCut: true }),
  })}\n`;
}
