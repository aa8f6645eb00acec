import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Line, lines } from '../../src/domain/content/lines.ts';

async function* chunks(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function all(batches: AsyncIterable<Line[]>): Promise<Line[]> {
  const found: Line[] = [];
  for await (const batch of batches) found.push(...batch);
  return found;
}

async function linesOf(file: string | Uint8Array, { size = 7, maxLineBytes = 1000 } = {}) {
  const source = chunks(typeof file === 'string' ? Buffer.from(file) : file, size);
  return all(lines(source, { maxLineBytes }));
}

const texts = async (file: string) => (await linesOf(file)).map(({ text }) => text);

describe('lines', () => {
  it.each([
    ['', []],
    ['a', ['a']],
    ['a\n', ['a']],
    ['a\nb', ['a', 'b']],
    ['\n\n', ['', '']],
    ['a\r\nb\nc\r\n', ['a', 'b', 'c']],
    ['a\rb\r\r\nc\r', ['a\rb\r', 'c']],
    ['\uFEFFa\n\uFEFFb', ['a', '\uFEFFb']],
    ['nul\0nul\n', ['nul\0nul']],
  ])('of %j are %j', async (file, expected) => {
    expect(await texts(file)).toEqual(expected);
  });

  it('are those of the whole text, however it is cut into chunks', async () => {
    const text = fc.array(fc.constantFrom('\n', '\r', '\r\n', 'a', '결제', '😀', 'ü', 'long line'));
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 1, max: 40 }), async (parts, size) => {
        const file = parts.join('');
        const expected = file.split('\n').map((line) => line.replace(/\r$/, ''));
        if (file === '' || file.endsWith('\n')) expected.pop();
        const found = await linesOf(file, { size });
        expect(found.map((line) => line.text)).toEqual(expected);
        expect(found.map((line) => line.number)).toEqual(expected.map((_, index) => index + 1));
      }),
    );
  });

  it('of any bytes are found again, whether they are UTF-8 or not', async () => {
    const bytes = fc.array(
      fc.oneof(fc.constantFrom(10, 0xc3, 0x28), fc.integer({ max: 255, min: 0 })),
    );
    await fc.assert(
      fc.asyncProperty(bytes, fc.integer({ min: 1, max: 40 }), async (file, size) => {
        const found = await linesOf(Uint8Array.from(file), { size });
        const joined = found.map((line) => Buffer.from(line.bytes ?? line.text).toString('latin1'));
        const whole = Buffer.from(file).toString('latin1');
        const mark = whole.startsWith('\xef\xbb\xbf') ? 3 : 0;
        const expected = whole.slice(mark).split('\n');
        if (whole === '' || whole.endsWith('\n')) expected.pop();
        const withoutReturn = expected.map((line) => line.replace(/\r$/, ''));
        expect(joined).toEqual(withoutReturn);
      }),
    );
  });

  it('that are too long are cut between characters and say what is missing, in chunks of any size', async () => {
    for (const size of [1, 3, 64, 1000]) {
      const found = await linesOf(`short\n${'결'.repeat(100)}\nnext\n${'x'.repeat(50)}`, {
        size,
        maxLineBytes: 20,
      });
      expect(found).toEqual([
        { number: 1, text: 'short', bytes: undefined, omittedBytes: 0 },
        { number: 2, text: '결'.repeat(6), bytes: undefined, omittedBytes: 282 },
        { number: 3, text: 'next', bytes: undefined, omittedBytes: 0 },
        { number: 4, text: 'x'.repeat(20), bytes: undefined, omittedBytes: 30 },
      ]);
    }
  });

  it('without an end take no more memory than the limit', async () => {
    async function* endless() {
      for (let count = 0; count < 4096; count += 1) yield Buffer.alloc(65_536, 'a');
    }
    const before = process.memoryUsage().arrayBuffers;
    const [found] = await all(lines(endless(), { maxLineBytes: 1000 }));
    expect(found?.omittedBytes).toBe(4096 * 65_536 - 1000);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200 * 2 ** 20);
  });
});
