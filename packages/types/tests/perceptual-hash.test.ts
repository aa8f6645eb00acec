import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  bandsNear,
  bandsOf,
  hammingDistance,
  isPerceptualHash,
  MOST_DISTANCE,
} from '../src/index.ts';

const hash = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const bits = fc.uniqueArray(fc.bigInt({ min: 0n, max: 63n }), { maxLength: 64 });
const hex = (value: bigint) => value.toString(16).padStart(16, '0');
const turned = (value: bigint, at: readonly bigint[]) =>
  at.reduce((result, bit) => result ^ (1n << bit), value);

test('the distance is the number of bits that differ', () => {
  fc.assert(
    fc.property(hash, bits, (value, at) => {
      expect(hammingDistance(hex(value), hex(turned(value, at)))).toBe(at.length);
    }),
  );
});

test('whatever is near shares a band that is looked for', () => {
  fc.assert(
    fc.property(
      hash,
      fc.uniqueArray(fc.bigInt({ min: 0n, max: 63n }), { maxLength: MOST_DISTANCE }),
      (value, at) => {
        const near = new Set(bandsNear(hex(value)));
        expect(bandsOf(hex(turned(value, at))).some((band) => near.has(band))).toBe(true);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('68 bands are looked for, each once', () => {
  expect(new Set(bandsNear('00ff00ff12345678')).size).toBe(68);
});

test.each(['', '12', 'g000000000000000', '00000000000000000'])('%j is no hash', (text) => {
  expect(isPerceptualHash(text)).toBe(false);
});
