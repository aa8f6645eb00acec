import fc from 'fast-check';
import { encode } from 'iconv-lite';
import type { TextEncoding } from '../../src/domain/content/text-encoding.ts';

export function encoded(text: string, encoding: TextEncoding): Buffer {
  if (encoding === 'utf-8') return Buffer.from(text);
  if (encoding === 'utf-16le') return Buffer.from(text, 'utf16le');
  if (encoding === 'utf-16be') return Buffer.from(text, 'utf16le').swap16();
  return encode(text, 'cp949');
}

const hangul = fc.integer({ min: 0xac00, max: 0xd7a3 }).map((code) => String.fromCharCode(code));

/** Lines of Hangul and ASCII, which every encoding can write. */
export const koreanText = () =>
  fc
    .array(
      fc.tuple(
        fc.string({ unit: hangul, minLength: 2, maxLength: 12 }),
        fc.constantFrom('', 'abc', ' 12', ',-'),
      ),
      { minLength: 2, maxLength: 20 },
    )
    .map((words) => words.map((parts) => `${parts.join('')}\n`).join(''));
