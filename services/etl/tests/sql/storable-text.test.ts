import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { originalText, storableJson, storableText } from '../../src/domain/sql/storable-text.ts';

const units = fc.array(
  fc.oneof(
    fc.constantFrom(0, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0x5c, 0x22, 0x75, 0x30, 0x66),
    fc.integer({ min: 0, max: 0xffff }),
  ),
);
const texts = fc.oneof(
  units.map((codes) => String.fromCharCode(...codes)),
  fc.constantFrom('\u{10FFFF}', '\u{10FFFF}0000', '\\u0000', '\\\\u0000', '\u{10FFFF}ffff'),
);

describe('a text that PostgreSQL can store', () => {
  it('is the text itself where that can be', () => {
    expect(storableText('물레방아 🎡 \\u0000 "\n')).toBe('물레방아 🎡 \\u0000 "\n');
  });

  it('has neither NUL nor half characters, and gives back what was', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const stored = storableText(text);
        expect(stored).not.toContain('\0');
        expect(stored.isWellFormed()).toBe(true);
        expect(originalText(stored)).toBe(text);
      }),
    );
  });

  it('is the same inside JSON', () => {
    fc.assert(
      fc.property(fc.array(texts), (values) => {
        const stored: string[] = JSON.parse(storableJson(JSON.stringify(values)));
        expect(stored).toEqual(values.map(storableText));
      }),
    );
  });
});
