import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decimalOf,
  decimalOfInteger,
  decimalText,
  parseDecimal,
} from '../../src/domain/decimal.ts';

const text = (value: number) => decimalText(decimalOf(value));

describe('decimalOf', () => {
  test.each([
    [0, '0'],
    [-0, '0'],
    [0.1, '0.1'],
    [-21.5, '-21.5'],
    [1e15, '1000000000000000'],
    [1e-7, '0.0000001'],
    [1.5e-18, '0.000000000000000002'],
    [-1.5e-18, '-0.000000000000000002'],
    [1.4e-18, '0.000000000000000001'],
    [5e-324, '0'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
  ])('reads %d as %s', (value, expected) => {
    expect(text(value)).toBe(expected);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %d', (value) => {
    expect(() => decimalOf(value)).toThrow(RangeError);
  });

  test('keeps every double of up to 18 decimals as it is written', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: 0, max: 15 }), (digits, decimals) => {
        const value = Number(`${digits}e-${decimals}`);
        expect(Number(text(value))).toBe(value);
      }),
    );
  });
});

test('adds without the errors of binary floating point, in any order', () => {
  expect(decimalText(decimalOf(0.1) + decimalOf(0.2))).toBe('0.3');
  expect(decimalText(decimalOf(1e15) + decimalOf(0.001) - decimalOf(1e15))).toBe('0.001');
  expect(decimalText(decimalOfInteger(9_007_199_254_740_993n))).toBe('9007199254740993');
});

test.each([
  ['1E-7', '0.0000001'],
  ['-1.25E-2', '-0.0125'],
  ['12E+2', '1200'],
  ['12E2', '1200'],
])('reads %s as DynamoDB may write it', (written, expected) => {
  expect(decimalText(parseDecimal(written))).toBe(expected);
});
