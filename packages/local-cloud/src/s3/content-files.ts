import { randomUUID } from 'node:crypto';
import { createReadStream, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** A file that is being written. */
export interface NewFile {
  readonly name: string;
  append(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
  /** Takes back what was written. */
  abandon(): Promise<void>;
}

/**
 * Content too large for the database: a file each, under a name from chance that is never used
 * again. A file that was not finished when the process was killed is one that no row names.
 *
 * Nothing is synced: what was written survives the death of the process, as the rows do that name
 * it. After a power cut a row may name a file that is short or gone; `hold` refuses that.
 */
export interface ContentFiles {
  create(): Promise<NewFile>;
  /**
   * Keeps a file from being removed until the function that it returns is called.
   *
   * @throws Error when the file is not `size` bytes long
   */
  hold(name: string, size: number): () => void;
  /** From `start`, `length` bytes. */
  read(name: string, start: number, length: number): AsyncIterable<Uint8Array>;
  /** Removes a file as soon as nobody holds it. */
  remove(name: string): void;
  /** Removes what a crash left behind. Before any file is made. */
  sweep(isKnown: (name: string) => boolean): void;
  /** Resolves when every removal has been done. */
  settle(): Promise<void>;
}

const READ_BYTES = 256 * 1024;

export function createContentFiles(dir: string): ContentFiles {
  const content = join(dir, 'content');
  for (let shelf = 0; shelf < 256; shelf += 1) {
    mkdirSync(join(content, shelf.toString(16).padStart(2, '0')), { recursive: true });
  }
  const pathOf = (name: string) => join(content, name.slice(0, 2), name);
  const removals = createRemovals(pathOf);

  return {
    async create() {
      const name = randomUUID();
      const path = pathOf(name);
      const handle = await open(path, 'wx');
      return {
        name,
        append: (bytes) => writeFully(handle, bytes),
        close: () => handle.close(),
        async abandon() {
          // A file that could not be closed is over as well.
          await handle.close().catch(() => undefined);
          await rm(path, { force: true });
        },
      };
    },

    hold(name, size) {
      requireWhole(pathOf(name), size);
      return removals.hold(name);
    },

    read: (name, start, length) =>
      createReadStream(pathOf(name), {
        start,
        end: start + length - 1,
        highWaterMark: READ_BYTES,
      }),

    remove: (name) => removals.add(name),

    sweep(isKnown) {
      // Where state folders of an earlier time kept what was not finished.
      rmSync(join(dir, 'incoming'), { recursive: true, force: true });
      for (const shelf of readdirSync(content)) {
        for (const name of readdirSync(join(content, shelf))) {
          if (!isKnown(name)) rmSync(join(content, shelf, name), { force: true });
        }
      }
    },

    settle: () => removals.settle(),
  };
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

function createRemovals(pathOf: (name: string) => string) {
  const readers = new Map<string, number>();
  const doomed = new Set<string>();
  const running = new Set<Promise<void>>();

  const remove = (name: string) => {
    doomed.delete(name);
    // A file that cannot be removed now is an orphan: the sweep of the next start takes it.
    const removal = rm(pathOf(name), { force: true })
      .catch(() => undefined)
      .finally(() => running.delete(removal));
    running.add(removal);
  };

  const release = (name: string) => {
    const left = (readers.get(name) ?? 1) - 1;
    if (left > 0) readers.set(name, left);
    else {
      readers.delete(name);
      if (doomed.has(name)) remove(name);
    }
  };

  return {
    add(name: string) {
      if (readers.has(name)) doomed.add(name);
      else remove(name);
    },
    hold(name: string): () => void {
      readers.set(name, (readers.get(name) ?? 0) + 1);
      let isHeld = true;
      return () => {
        if (isHeld) release(name);
        isHeld = false;
      };
    },
    async settle() {
      await Promise.all(running);
    },
  };
}
