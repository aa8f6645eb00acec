import fc from 'fast-check';
import { expect, it } from 'vitest';
import { asciiJson } from '../../src/adapters/ascii-json.ts';

it('is the same value in characters that any queue takes', () => {
  const value = fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }));
  fc.assert(
    fc.property(value, (given) => {
      const text = asciiJson(given);
      expect(text).toMatch(/^[\x20-\x7e]*$/);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(given)));
    }),
  );
  expect(asciiJson({ key: '🙂\u0001\uffff' })).toBe('{"key":"\\ud83d\\ude42\\u0001\\uffff"}');
});
