import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cursorOf, pageRequestOf } from '../../src/domain/paging.ts';

it('a cursor leads to where the page before ended', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }), (last) => {
      expect(pageRequestOf({ limit: 5, cursor: cursorOf(last) })).toEqual({
        limit: 5,
        after: last,
      });
    }),
  );
});

it.each([
  '',
  'x',
  '====',
  Buffer.from('{"tenant":"other"}').toString('base64url'),
  Buffer.from('1:').toString('base64url'),
  Buffer.from(`1:${'k'.repeat(257)}`).toString('base64url'),
  Buffer.from([0x31, 0x3a, 0xff]).toString('base64url'),
  `${cursorOf('abc')}=`,
])('%j is no cursor', (cursor) => {
  expect(() => pageRequestOf({ limit: 5, cursor })).toThrow(
    expect.objectContaining({ code: 'invalid_cursor' }),
  );
});
