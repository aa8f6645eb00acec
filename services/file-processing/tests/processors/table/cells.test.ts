import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  toBoolean,
  toDouble,
  toInteger,
  toTimestamp,
  Unfit,
} from '../../../src/domain/processors/table/cells.ts';

const anyDate = fc.date({
  ...{ min: new Date('0000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true },
});

test('any instant is read as it was written, in whatever form and offset', () => {
  const strict = toTimestamp(false);
  fc.assert(
    fc.property(anyDate, fc.integer({ min: -18 * 60, max: 18 * 60 }), (date, minutes) => {
      fc.pre(date.getUTCFullYear() > 0 && date.getUTCFullYear() < 9999);
      const iso = date.toISOString();
      expect(strict(iso)).toEqual(date);
      expect(strict(iso.replace('T', ' ').replace('Z', ''))).toEqual(date);
      const size = Math.abs(minutes);
      const pair = (value: number) => String(value).padStart(2, '0');
      const offset = `${minutes < 0 ? '-' : '+'}${pair(Math.floor(size / 60))}:${pair(size % 60)}`;
      const local = new Date(date.getTime() + minutes * 60_000).toISOString();
      expect(strict(local.replace('Z', offset))).toEqual(date);
    }),
  );
});

test.each([
  ...['2026-02-29T00:00:00Z', '2026-13-01', '2026-00-10', '2026-04-31T10:00:00.000Z', '2026-01-00'],
  ...['2026-01-01T24:00:00Z', '2026-01-01T10:60:00Z', '2026-01-01T10:00:00+19:00', '01/02/2026'],
  ...['2026-01-01T1a:00:00Z', '20260230', '2026-01-01T00:00:00.0001Z', 'today', '1700000000'],
])('%s is no time that could be kept', (text) => {
  expect(toTimestamp(true)(text)).toBeInstanceOf(Unfit);
});

test.each([
  ['2026/1/31', '2026-01-30T15:00:00Z'],
  ['2026.01.31.', '2026-01-30T15:00:00Z'],
  ['2026년 1월 31일 09:30', '2026-01-31T00:30:00Z'],
  ['20260131', '2026-01-30T15:00:00Z'],
  ['2024-02-29T09:00:00+09:00', '2024-02-29T00:00:00Z'],
])('people write %s, in Korea', (text, instant) => {
  expect(toTimestamp(true, '+09:00')(text)).toEqual(new Date(instant));
});

test('a decimal number is taken only if no digit of it is lost', () => {
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 22 });
  fc.assert(
    fc.property(digits, digits, (whole, fraction) => {
      const value = toDouble(false)(`${whole}.${fraction}`);
      const significant = `${whole}${fraction}`.replace(/^0+|0+$/g, '');
      if (typeof value !== 'number') {
        expect(significant.length).toBeGreaterThan(15);
        return;
      }
      const printed = value.toPrecision(Math.min(100, Math.max(1, significant.length)));
      const [mantissa = ''] = printed.split('e');
      const again = mantissa.replace('.', '').replace(/^0+|0+$/g, '');
      // Seventeen digits may be how a double is printed, though it is another number.
      if (String(value) !== `${whole}.${fraction}`) expect(again).toBe(significant);
    }),
    { numRuns: 1000 },
  );
});

describe('amounts as sheets have them', () => {
  test.each([
    ['1,234,567', 1234567],
    ['₩1,500', 1500],
    ['￦ 1,500', 1500],
    ['-₩3,000.50', -3000.5],
    ['3,000원', 3000],
    ['１２３', 123],
  ])('%s', (text, value) => {
    expect(toDouble(true)(text)).toBe(value);
  });

  test.each(['1,23', '12,34,567', '1.2.3', '1 000', '5 %', '0x10', 'Infinity', 'NaN', ''])(
    '%s is no number',
    (text) => {
      expect(toDouble(true)(text)).toBeInstanceOf(Unfit);
    },
  );
});

test('integers are whole, and of 64 bits', () => {
  const integer = toInteger(true);
  expect(integer('9223372036854775807')).toBe(2n ** 63n - 1n);
  expect(integer('-9223372036854775808')).toBe(-(2n ** 63n));
  expect(integer('+1,000.00')).toBe(1000n);
  for (const field of ['9223372036854775808', '1.5', '1e3', '', 1.5, 2 ** 53, true]) {
    expect(integer(field)).toBeInstanceOf(Unfit);
  }
});

test('what is neither yes nor no is no boolean', () => {
  expect(['Y', '예', 'O', '1', 'TRUE'].map(toBoolean(true))).toEqual([
    true,
    true,
    true,
    true,
    true,
  ]);
  expect(['n', '아니오', 'x', '0', 'False'].map(toBoolean(true))).toEqual(Array(5).fill(false));
  expect(toBoolean(true)('2')).toBeInstanceOf(Unfit);
  expect(toBoolean(false)('1')).toBeInstanceOf(Unfit);
});
