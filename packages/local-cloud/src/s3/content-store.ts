import type { CloudState } from '../state.ts';
import type { Chunks } from './body.ts';
import { createContentFiles, type NewFile } from './content-files.ts';
import { createContentRows, isRow } from './content-rows.ts';

/** A run of bytes of an object: one content, or one of several after a multipart upload. */
export interface Segment {
  /** The content's name: of a file, or of a row of the database. */
  readonly file: string;
  readonly size: number;
}

/**
 * The bytes of all objects, small ones in the database and all else in files. Content is written
 * once and only removed when no row names it any more.
 */
export interface ContentStore {
  /**
   * Takes the bytes, or nothing at all when `chunks` throws. Resolves with the name, which is to be
   * kept or discarded.
   */
  write(chunks: Chunks): Promise<string>;
  /** Lets content last. Only inside the transaction that stores what names it. */
  keep(name: string): void;
  /**
   * Reads `length` bytes from `start` of the segments in a row. They are held from this call on
   * (not from the first read) and until the reader ends or `return`s.
   *
   * @throws Error when one of them is not whole
   */
  read(segments: readonly Segment[], start: number, length: number): AsyncGenerator<Uint8Array>;
  /**
   * Removes what nothing names any more: with the open transaction, if there is one, and as soon
   * as nobody reads it.
   */
  discard(names: readonly string[]): void;
  /** Removes what a crash left behind. Before any request is served. */
  sweep(isKnown: (name: string) => boolean): void;
  /** Resolves when every removal has been done. */
  settle(): Promise<void>;
}

/** Up to here SQLite is at least as fast as the file system. */
const MAX_ROW_BYTES = 64 * 1024;

/** @param dir where the files lie; made if it does not exist */
export function createContentStore(dir: string, state: CloudState): ContentStore {
  const files = createContentFiles(dir);
  const rows = createContentRows(state);

  function open({ file: name, fileSize, start, length }: Slice): Source {
    if (isRow(name)) {
      const bytes = rows.read(name).subarray(start, start + length);
      return { chunks: () => [bytes], release() {} };
    }
    const release = files.hold(name, fileSize);
    return { chunks: () => files.read(name, start, length), release };
  }

  return {
    async write(chunks) {
      const gathered: Uint8Array[] = [];
      let size = 0;
      let file: NewFile | undefined;
      try {
        for await (const chunk of chunks) {
          size += chunk.length;
          gathered.push(chunk);
          if (size <= MAX_ROW_BYTES) continue;
          file ??= await files.create();
          for (const bytes of gathered.splice(0)) await file.append(bytes);
        }
        await file?.close();
      } catch (error) {
        await file?.abandon();
        throw error;
      }
      return file?.name ?? rows.add(Buffer.concat(gathered));
    },

    keep: (name) => rows.keep(name),

    read(segments, start, length) {
      const sources: Source[] = [];
      const release = () => {
        for (const source of sources) source.release();
      };
      try {
        for (const slice of sliceSegments(segments, start, length)) sources.push(open(slice));
      } catch (error) {
        release();
        throw error;
      }
      return held(readAll(sources), release);
    },

    discard(names) {
      for (const name of names) {
        if (isRow(name)) rows.remove(name);
        else state.afterCommit(() => files.remove(name));
      }
    },

    sweep: files.sweep,
    settle: files.settle,
  };
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

/** A slice that is held, to be read when its turn comes. */
interface Source {
  chunks(): Chunks;
  release(): void;
}

async function* readAll(sources: readonly Source[]): AsyncGenerator<Uint8Array> {
  for (const source of sources) yield* source.chunks();
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
