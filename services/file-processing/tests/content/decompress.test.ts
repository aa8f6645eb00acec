import { buffer } from 'node:stream/consumers';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decompressed } from '../../src/domain/content/decompress.ts';

const LIMITS = { maxBytes: 2 ** 30, maxRatio: 1000 };
const COMPRESSIONS = ['gzip', 'zstd'] as const;
const compress = { gzip: gzipSync, zstd: zstdCompressSync };

async function* chunks(bytes: Uint8Array, size = 64 * 1024) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const inside = (
  bytes: Uint8Array,
  compression: 'gzip' | 'zstd' | undefined,
  { size = 64 * 1024, limits = LIMITS } = {},
) => buffer(decompressed(chunks(bytes, size), compression, limits));

describe.each(COMPRESSIONS)('a %s file', (compression) => {
  const pack = (text: string | Uint8Array) => compress[compression](text);

  it('of any number of members is read whole, in chunks of any size', async () => {
    const parts = fc.array(fc.uint8Array({ maxLength: 5000 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(parts, fc.integer({ min: 1, max: 700 }), async (members, size) => {
        const file = Buffer.concat(members.map(pack));
        expect(await inside(file, compression, { size })).toEqual(Buffer.concat(members));
      }),
      { numRuns: 60 },
    );
  });

  it('that is cut anywhere is corrupt', async () => {
    const file = pack('A line of a log, and another one.\n'.repeat(3));
    for (let length = 0; length < file.length; length += 1) {
      const read = inside(file.subarray(0, length), compression);
      await expect(read, `${length} bytes`).rejects.toMatchObject({ code: 'corrupt_archive' });
    }
  });

  it('that something follows is corrupt', async () => {
    for (const size of [1, 1000]) {
      const file = Buffer.concat([pack('inside'), Buffer.from('something that follows')]);
      const read = inside(file, compression, { size });
      await expect(read).rejects.toMatchObject({ code: 'corrupt_archive' });
    }
  });

  it('is a bomb above the limit of bytes, and above the ratio once it is large', async () => {
    const file = pack(Buffer.alloc(20 * 2 ** 20, 'a'));
    const code = 'decompression_bomb';
    const many = inside(file, compression, { limits: { maxBytes: 2 ** 20, maxRatio: 1e6 } });
    await expect(many).rejects.toMatchObject({ code });
    const dense = inside(file, compression, { limits: { maxBytes: 2 ** 30, maxRatio: 200 } });
    await expect(dense).rejects.toMatchObject({ code });
    const small = pack(Buffer.alloc(2 ** 20, 'a'));
    const limits = { maxBytes: 2 ** 30, maxRatio: 2 };
    expect(await inside(small, compression, { limits })).toHaveLength(2 ** 20);
  });

  it('passes on what its source throws', async () => {
    const gone = new Error('The connection broke.');
    async function* broken() {
      yield pack('a').subarray(0, 5);
      throw gone;
    }
    const read = buffer(decompressed(broken(), compression, LIMITS));
    await expect(read).rejects.toBe(gone);
  });

  it('lets go of its source when its reader leaves, though it has more to give', async () => {
    let closed = false;
    async function* endless() {
      try {
        for (;;) yield pack(Buffer.alloc(2 ** 20, 'a'));
      } finally {
        closed = true;
      }
    }
    const limits = { maxBytes: 2 ** 40, maxRatio: 1e9 };
    for await (const chunk of decompressed(endless(), compression, limits)) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    expect(closed).toBe(true);
  });
});

it('reads gzip that was filled up with NULs', async () => {
  const file = Buffer.concat([gzipSync('inside'), Buffer.alloc(512)]);
  expect(String(await inside(file, 'gzip'))).toBe('inside');
});

it('refuses zstd that asks for a window above 32 MiB', async () => {
  const params = { [constants.ZSTD_c_windowLog]: 27, [constants.ZSTD_c_contentSizeFlag]: 0 };
  const file = zstdCompressSync(Buffer.alloc(40 * 2 ** 20, 'ab'), { params });
  const read = inside(file, 'zstd', { limits: { maxBytes: 2 ** 30, maxRatio: 1e9 } });
  await expect(read).rejects.toMatchObject({ code: 'unsupported_compression' });
});

it('passes on a file that is not compressed', async () => {
  expect(String(await inside(Buffer.from('as it is'), undefined))).toBe('as it is');
});
