import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareSequenceNumbers, lowestSequenceNumber } from '../../src/index.ts';

const numbers = fc.bigInt(0n, 10n ** 56n);
const written = fc
  .tuple(numbers, fc.nat(5))
  .map(([number, zeros]) => ({ number, text: `${'0'.repeat(zeros)}${number}` }));

test('compares as the integers do, whatever their length and leading zeros', () => {
  fc.assert(
    fc.property(written, written, (left, right) => {
      const expected = left.number < right.number ? -1 : left.number > right.number ? 1 : 0;
      expect(Math.sign(compareSequenceNumbers(left.text, right.text))).toBe(expected);
    }),
  );
});

test('the lowest of none is undefined', () => {
  expect(lowestSequenceNumber([])).toBeUndefined();
  expect(lowestSequenceNumber(['10', '9', '11'])).toBe('9');
});
