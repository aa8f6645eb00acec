import { randomUUID } from 'node:crypto';
import { createReadStream, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Chunks } from './body.ts';

/** A run of bytes of an object: one file, or one of several after a multipart upload. */
export interface Segment {
  readonly file: string;
  readonly size: number;
}

/**
 * The bytes of all objects. A file is written once under a name that is never used again, and is
 * only removed when no row names it any more. Names come from chance, never from a key: a file that
 * was not finished when the process was killed is one that no row names.
 *
 * Nothing is synced: what was written survives the death of the process, as the rows do that name
 * it. After a power cut a row may name a file that is short or gone; `read` refuses that.
 */
export interface ContentStore {
  /** Stores the bytes, or nothing at all when `chunks` throws. Resolves with the name. */
  write(chunks: Chunks): Promise<string>;
  /**
   * Reads `length` bytes from `start` of the segments in a row. The files are held from this call
   * on (not from the first read) and until the reader ends or `return`s.
   *
   * @throws Error when a file of them is not whole
   */
  read(segments: readonly Segment[], start: number, length: number): AsyncGenerator<Uint8Array>;
  /** Removes files that nothing names any more, as soon as nobody reads them. */
  discard(files: readonly string[]): void;
  /** Removes what a crash left behind. Before any request is served. */
  sweep(isKnown: (file: string) => boolean): void;
  /** Resolves when every removal has been done. */
  settle(): Promise<void>;
}

const READ_BYTES = 256 * 1024;

/** What has come to its end within this is written at one stroke, without a turn of the thread pool. */
const AT_ONCE_BYTES = 64 * 1024;

export function createContentStore(dir: string): ContentStore {
  const content = join(dir, 'content');
  for (let shelf = 0; shelf < 256; shelf += 1) {
    mkdirSync(join(content, shelf.toString(16).padStart(2, '0')), { recursive: true });
  }
  const pathOf = (file: string) => join(content, file.slice(0, 2), file);
  const removals = createRemovals(pathOf);

  return {
    async write(chunks) {
      const file = randomUUID();
      try {
        await writeFile(pathOf(file), chunks);
        return file;
      } catch (error) {
        await rm(pathOf(file), { force: true });
        throw error;
      }
    },

    read(segments, start, length) {
      const slices = sliceSegments(segments, start, length);
      for (const { file, fileSize } of slices) requireWhole(pathOf(file), fileSize);
      const release = removals.hold(slices.map(({ file }) => file));
      return held(readSlices(slices, pathOf), release);
    },

    discard: (files) => removals.add(files),

    sweep(isKnown) {
      // Where state folders of an earlier time kept what was not finished.
      rmSync(join(dir, 'incoming'), { recursive: true, force: true });
      for (const shelf of readdirSync(content)) {
        for (const file of readdirSync(join(content, shelf))) {
          if (!isKnown(file)) rmSync(join(content, shelf, file), { force: true });
        }
      }
    },

    settle: () => removals.settle(),
  };
}

/** The file of a large body grows as the body comes. */
async function writeFile(path: string, chunks: Chunks): Promise<void> {
  const gathered: Uint8Array[] = [];
  let size = 0;
  let handle: FileHandle | undefined;
  try {
    for await (const chunk of chunks) {
      size += chunk.length;
      gathered.push(chunk);
      if (size <= AT_ONCE_BYTES) continue;
      handle ??= await open(path, 'wx');
      for (const bytes of gathered.splice(0)) await writeFully(handle, bytes);
    }
    if (!handle) writeFileSync(path, Buffer.concat(gathered), { flag: 'wx' });
  } finally {
    await handle?.close();
  }
}

/** `write` may take only a part of the bytes; a disk that takes none has said so by an error. */
async function writeFully(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length; ) {
    const { bytesWritten } = await handle.write(chunk, at);
    at += bytesWritten;
  }
}

/** @throws Error that names the file and what was lost */
function requireWhole(path: string, size: number): void {
  const found = statSync(path, { throwIfNoEntry: false })?.size;
  if (found === size) return;
  const state = found === undefined ? 'is gone' : `has ${found} bytes`;
  throw new Error(
    `${path} ${state} instead of ${size} bytes, as a power cut or a hand in the state folder may leave it: store the object again, or delete it.`,
  );
}

interface Slice {
  readonly file: string;
  readonly fileSize: number;
  readonly start: number;
  readonly length: number;
}

function sliceSegments(segments: readonly Segment[], start: number, length: number): Slice[] {
  const slices: Slice[] = [];
  let before = 0;
  for (const { file, size } of segments) {
    const from = Math.max(start - before, 0);
    const to = Math.min(start + length - before, size);
    if (from < to) slices.push({ file, fileSize: size, start: from, length: to - from });
    before += size;
  }
  return slices;
}

async function* readSlices(
  slices: readonly Slice[],
  pathOf: (file: string) => string,
): AsyncGenerator<Uint8Array> {
  for (const { file, start, length } of slices) {
    yield* createReadStream(pathOf(file), {
      start,
      end: start + length - 1,
      highWaterMark: READ_BYTES,
    });
  }
}

/** A generator whose `finally` never runs if it is never started would hold its files for ever. */
function held(source: AsyncGenerator<Uint8Array>, release: () => void): AsyncGenerator<Uint8Array> {
  const releaseWhenDone = async (turn: Promise<IteratorResult<Uint8Array>>) => {
    try {
      const result = await turn;
      if (result.done) release();
      return result;
    } catch (error) {
      release();
      throw error;
    }
  };
  return {
    next: () => releaseWhenDone(source.next()),
    return: (value) => releaseWhenDone(source.return(value)),
    throw: (error) => releaseWhenDone(source.throw(error)),
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose]() {
      await this.return(undefined);
    },
  };
}

function createRemovals(pathOf: (file: string) => string) {
  const readers = new Map<string, number>();
  const doomed = new Set<string>();
  const running = new Set<Promise<void>>();

  const remove = (file: string) => {
    doomed.delete(file);
    // A file that cannot be removed now is an orphan: the sweep of the next start takes it.
    const removal = rm(pathOf(file), { force: true })
      .catch(() => undefined)
      .finally(() => running.delete(removal));
    running.add(removal);
  };

  return {
    add(files: readonly string[]) {
      for (const file of files) {
        if (readers.has(file)) doomed.add(file);
        else remove(file);
      }
    },
    hold(files: readonly string[]): () => void {
      for (const file of files) readers.set(file, (readers.get(file) ?? 0) + 1);
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        for (const file of files) {
          const left = (readers.get(file) ?? 1) - 1;
          if (left > 0) readers.set(file, left);
          else {
            readers.delete(file);
            if (doomed.has(file)) remove(file);
          }
        }
      };
    },
    async settle() {
      await Promise.all(running);
    },
  };
}
