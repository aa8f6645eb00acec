import { constants, createGunzip, createZstdDecompress } from 'node:zlib';
import { ContentError } from './content-error.ts';

export type Compression = 'gzip' | 'zstd';

/** By the signature that a file starts with; its first four bytes tell. */
export function compressionOf(head: Uint8Array): Compression | undefined {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  return head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd
    ? 'zstd'
    : undefined;
}

export interface DecompressionLimits {
  /** Of what comes out. */
  readonly maxBytes: number;
  /** Bytes out per byte in. Held against once 16 MiB are out: small files may be as dense as they like. */
  readonly maxRatio: number;
}

const RATIO_FREE_BYTES = 16 * 2 ** 20;
const CHUNK_BYTES = 256 * 2 ** 10;
/** 32 MiB, what `zstd --ultra -20` asks for. More would let a file of a few bytes take 128 MiB and up. */
const ZSTD_WINDOW_LOG = 25;

/** Past the first thousand, frames of fewer bytes than this are work made for its own sake. */
const MIN_FRAME_BYTES = 1024;

type Decoder = ReturnType<typeof createGunzip> | ReturnType<typeof createZstdDecompress>;

/**
 * The bytes inside of a gzip or zstd file; those of any other are passed on. Several members (gzip)
 * or frames (zstd) are read one after the other, as `gzip -d` and `zstd -d` do. NULs may follow the
 * last member of gzip, for tapes were filled up with them; anything else that follows is an error.
 *
 * @throws ContentError `decompression_bomb`, `corrupt_archive` or `unsupported_compression`; errors
 *   of the source as they are
 */
export async function* decompressed(
  source: AsyncIterable<Uint8Array>,
  compression: Compression | undefined,
  limits: DecompressionLimits,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (compression === undefined) {
    yield* source;
    return;
  }
  const input = inputOf(source);
  let bytes = 0;
  try {
    for (let frames = 1; frames === 1 || (await input.hasMore()); frames += 1) {
      if (frames > 1000 && input.taken() < frames * MIN_FRAME_BYTES) throw bomb();
      for await (const chunk of decode(input, compression === 'gzip' ? gunzip() : unzstd())) {
        bytes += chunk.length;
        if (isBomb(bytes, input.taken(), limits)) throw bomb();
        yield chunk;
      }
      if (compression === 'gzip') await input.skipNuls();
    }
  } catch (error) {
    throw asContentError(error);
  } finally {
    await input.close();
  }
}

const gunzip = () => createGunzip({ chunkSize: CHUNK_BYTES });

const unzstd = () =>
  createZstdDecompress({
    chunkSize: CHUNK_BYTES,
    params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG },
  });

/** What a decoder has not taken of a chunk is there for the next. */
function inputOf(source: AsyncIterable<Uint8Array>) {
  const chunks = source[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array();
  let taken = 0;
  return {
    taken: () => taken,
    async hasMore(): Promise<boolean> {
      while (rest.length === 0) {
        const next = await chunks.next();
        if (next.done) return false;
        rest = next.value;
      }
      return true;
    },
    rest: () => rest,
    take(bytes: number): void {
      taken += bytes;
      rest = rest.subarray(bytes);
    },
    async skipNuls(): Promise<void> {
      while (await this.hasMore()) {
        const nuls = rest.findIndex((byte) => byte !== 0);
        if (nuls !== -1) {
          this.take(nuls);
          return;
        }
        this.take(rest.length);
      }
    },
    close: () => chunks.return?.(),
  };
}

type Input = ReturnType<typeof inputOf>;

async function* decode(input: Input, decoder: Decoder): AsyncGenerator<Uint8Array> {
  const fed = feed(input, decoder).catch((error) => decoder.destroy(error));
  try {
    yield* decoder as AsyncIterable<Uint8Array>;
  } finally {
    decoder.destroy();
    await fed;
  }
}

/** Node's zstd decoder ends where a frame ends inside a chunk; its gzip decoder goes on by itself. */
async function feed(input: Input, decoder: Decoder): Promise<void> {
  const write = writer(decoder);
  const before = input.taken();
  while (await input.hasMore()) {
    const takenBefore = decoder.bytesWritten;
    const given = input.rest().length;
    await write(input.rest());
    if (decoder.destroyed) return;
    const taken = decoder.bytesWritten - takenBefore;
    input.take(taken);
    if (taken < given) return;
  }
  if (input.taken() === before) throw corrupt();
  decoder.end();
}

/** A decoder that is closed while it waits for its reader never calls back: closing answers, too. */
function writer(decoder: Decoder): (bytes: Uint8Array) => Promise<void> {
  let answer = () => {};
  decoder.once('close', () => answer());
  return (bytes) =>
    new Promise((resolve) => {
      answer = resolve;
      // An error is met by the reader, to whom it is of use.
      decoder.write(bytes, () => resolve());
    });
}

function isBomb(bytes: number, from: number, { maxBytes, maxRatio }: DecompressionLimits): boolean {
  return bytes > maxBytes || (bytes > RATIO_FREE_BYTES && bytes > maxRatio * from);
}

const bomb = () =>
  new ContentError(
    'decompression_bomb',
    'The file grows too large when it is decompressed. Send it in smaller parts.',
  );

const corrupt = (cause?: unknown) =>
  new ContentError(
    'corrupt_archive',
    'The compressed file is damaged or cut short. Compress it again and send it anew.',
    { cause },
  );

function asContentError(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'Z_MEM_ERROR' || code === 'ZSTD_error_memory_allocation') return error;
  if (code === 'ZSTD_error_frameParameter_windowTooLarge') {
    return new ContentError(
      'unsupported_compression',
      'The file was compressed with a window above 32 MiB. Compress it without --long.',
      { cause: error },
    );
  }
  return /^(?:Z|ZSTD_error)_/.test(code) ? corrupt(error) : error;
}
