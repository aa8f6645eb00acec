import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodedText, TextReader } from '../../src/domain/content/text-decoding.ts';
import { detectEncoding, type TextEncoding } from '../../src/domain/content/text-encoding.ts';
import { encoded, koreanText } from '../model/encoded.ts';

const encodings: TextEncoding[] = ['utf-8', 'utf-16le', 'utf-16be', 'euc-kr'];

describe.each(encodings)('%s', (encoding) => {
  test('is told from Korean text without a mark, and decoded across any chunks', async () => {
    await fc.assert(
      fc.asyncProperty(koreanText(), fc.integer({ min: 1, max: 50 }), async (text, chunkBytes) => {
        const reader = new TextReader();
        const read = await all(decodedText(chunks(encoded(text, encoding), chunkBytes), reader));
        expect(read).toBe(text);
        expect(reader.encoding).toBe(encoding);
      }),
    );
  });

  test('is told where the first other than ASCII comes late', async () => {
    if (encoding.startsWith('utf-16')) return;
    const text = `${'id,name\n'.repeat(20_000)}1,서울특별시\n`;
    const reader = new TextReader();
    expect(await all(decodedText(chunks(encoded(text, encoding), 65_536), reader))).toBe(text);
    expect(reader.encoding).toBe(encoding);
  });
});

test.each(encodings.filter((encoding) => encoding !== 'euc-kr'))(
  'the mark of %s tells it and is no part of the text',
  async (encoding) => {
    const reader = new TextReader();
    const bytes = encoded('\uFEFFid\n1\n', encoding);
    expect(await all(decodedText(chunks(bytes, 1), reader))).toBe('id\n1\n');
    expect(reader.encoding).toBe(encoding);
  },
);

test('the Hangul that Windows added to EUC-KR is read', async () => {
  // As `iconv -t cp949` writes 똠방각하.
  const bytes = Buffer.from('8c63b9e6b0a2c7cf', 'hex');
  expect(detectEncoding(bytes)).toBe('euc-kr');
  expect(await all(decodedText(chunks(bytes, 1), new TextReader()))).toBe('똠방각하');
});

test('damage in one place leaves the rest legible', async () => {
  const bytes = encoded('서울특별시 강남구\n'.repeat(40), 'utf-8');
  bytes[100] = 0xff;
  const text = await all(decodedText(chunks(bytes, 64), new TextReader()));
  expect(text.match(/서울특별시/g)?.length).toBeGreaterThan(37);
  expect(text).toContain('\uFFFD');
});

test.each([
  ['other text', Buffer.from('café, naïve, déjà vu\n'.repeat(3), 'latin1')],
  ['NULs', Buffer.from('a,b\0c,d\n')],
  ['UTF-32', Buffer.from('fffe00006100000062000000', 'hex')],
  ['random bytes', Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919 + i ** 2) % 251))],
])('%s are no text in a known encoding', async (_, bytes) => {
  expect(detectEncoding(bytes)).toBeUndefined();
  const reading = all(decodedText(chunks(bytes, 1000), new TextReader()));
  await expect(reading).rejects.toMatchObject({ code: 'unknown_encoding' });
});

async function all(text: AsyncIterable<string>): Promise<string> {
  let whole = '';
  for await (const part of text) whole += part;
  return whole;
}

async function* chunks(bytes: Uint8Array, size: number) {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}
