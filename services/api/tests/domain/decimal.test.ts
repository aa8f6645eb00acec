import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDecimals,
  formatDecimal,
  parseDecimal,
  ZERO,
} from '../../src/domain/metrics/decimal.ts';

describe('exact decimals', () => {
  it.each([
    ['0.1', '0.2', '0.3'],
    ['9007199254740993', '0.000000000000000001', '9007199254740993.000000000000000001'],
    ['-1', '0.5', '-0.5'],
    ['1E+3', '1e-3', '1000.001'],
    ['-0.0', '0', '0'],
  ])('%s + %s = %s', (one, other, sum) => {
    expect(formatDecimal(addDecimals(parseDecimal(one), parseDecimal(other)))).toBe(sum);
  });
  it('add up as whole numbers of the smallest unit do', () => {
    const units = fc.array(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), { maxLength: 20 });
    fc.assert(
      fc.property(units, fc.integer({ min: 0, max: 18 }), (values, scale) => {
        const texts = values.map((value) => formatDecimal({ units: value, scale }));
        const sum = texts.map(parseDecimal).reduce(addDecimals, ZERO);
        const expected = values.reduce((total, value) => total + value, 0n);
        expect(sum.units * 10n ** BigInt(scale - sum.scale)).toBe(expected);
      }),
    );
  });
  it.each(['', 'NaN', '1.', '.5', '0x1', '1 2'])('are not made of %j', (text) => {
    expect(() => parseDecimal(text)).toThrow(SyntaxError);
  });
});
