import type { FoundFile } from './find-files.ts';
import type { Reprocessor } from './reprocessor.ts';

/** What became of the files that were taken up; together they are `taken`. */
export interface Tally {
  taken: number;
  ready: number;
  rejected: number;
  failed: number;
  /** Replaced, removed or done by another run meanwhile. */
  changed: number;
  /** No new verdict in time. */
  unfinished: number;
}

export interface RedoOptions {
  readonly reprocessor: Pick<Reprocessor, 'redo' | 'look'>;
  /** Most files that are processed at a time. */
  readonly atOnce: number;
  /** How long to wait for the verdict on a file, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  onProgress(tally: Readonly<Tally>): void;
  now(): number;
  pause(): Promise<void>;
}

const MOST_REDONE = 25;
const MOST_LOOKED = 100;

/**
 * Has files processed again, a bounded number at a time: the next is taken up when the verdict on
 * one is there. Aborted, it takes up no more and forgets those that it waits for, which go on.
 */
export async function redoFiles(
  files: AsyncIterable<FoundFile>,
  options: RedoOptions,
): Promise<Tally> {
  const tally = { taken: 0, ready: 0, rejected: 0, failed: 0, changed: 0, unfinished: 0 };
  const waiting = new Map<FoundFile, number>();
  const source = files[Symbol.asyncIterator]();
  let isOver = false;

  async function takeUp(): Promise<void> {
    const most = Math.min(MOST_REDONE, options.atOnce - waiting.size);
    const batch: FoundFile[] = [];
    while (batch.length < most && !isOver) {
      const next = await source.next();
      if (next.done) isOver = true;
      else batch.push(next.value);
    }
    if (batch.length === 0) return;
    const { outcomes } = await options.reprocessor.redo(batch);
    tally.taken += batch.length;
    for (const [index, file] of batch.entries()) {
      const outcome = outcomes[index] ?? 'changed';
      if (outcome === 'queued') waiting.set(file, options.now() + options.timeoutMs);
      else tally[outcome] += 1;
    }
  }

  async function lookAfter(batch: readonly FoundFile[]): Promise<void> {
    const { states } = await options.reprocessor.look(batch);
    for (const [index, file] of batch.entries()) {
      const state = states[index] ?? 'waiting';
      const isLate = options.now() >= (waiting.get(file) ?? 0);
      if (state === 'waiting' && !isLate) continue;
      waiting.delete(file);
      if (state === 'waiting') tally.unfinished += 1;
      else tally[state === 'gone' ? 'changed' : state] += 1;
    }
  }

  while (!options.signal.aborted && !(isOver && waiting.size === 0)) {
    while (!isOver && waiting.size < options.atOnce && !options.signal.aborted) await takeUp();
    options.onProgress(tally);
    if (waiting.size === 0) continue;
    await options.pause();
    const all = [...waiting.keys()];
    for (let at = 0; at < all.length; at += MOST_LOOKED) {
      await lookAfter(all.slice(at, at + MOST_LOOKED));
    }
  }
  await source.return?.();
  tally.unfinished += waiting.size;
  options.onProgress(tally);
  return tally;
}
