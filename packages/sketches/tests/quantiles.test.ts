import { DDSketch } from '@datadog/sketches-js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Quantiles } from '../src/index.ts';
import { randomOf } from './random.ts';
import { shareOut, sharingOf } from './sharing-out.ts';

const POINTS = [0, 0.001, 0.01, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1];
/** Doubles round, too. */
const ROUNDING = 1e-9;

function quantilesOf(values: Iterable<number>): Quantiles {
  const sketch = new Quantiles();
  for (const value of values) sketch.add(value);
  return sketch;
}

function trueQuantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(q * (sorted.length - 1))] ?? Number.NaN;
}

function expectWithin(share: number, actual: number | undefined, expected: number): void {
  const most = Math.abs(expected) * (share + ROUNDING);
  expect(Math.abs((actual ?? Number.NaN) - expected)).toBeLessThanOrEqual(most);
}

/** Spread evenly over the orders of magnitude. */
function magnitudes(min: number, max: number): fc.Arbitrary<number> {
  const exponents = { min: Math.log(min), max: Math.log(max), noNaN: true };
  return fc.double(exponents).map((exponent) => Math.min(Math.max(Math.exp(exponent), min), max));
}

function signed(magnitude: fc.Arbitrary<number>): fc.Arbitrary<number> {
  return fc.oneof(
    magnitude,
    magnitude.map((value) => -value),
    fc.constantFrom(0, -0),
  );
}

describe('quantiles', () => {
  it.each([
    ['small', signed(magnitudes(1e-9, 1e8))],
    ['great', signed(magnitudes(1e-2, 1e15))],
    ['whole', fc.integer({ min: -1_000, max: 1_000 })],
  ])('are within a hundredth of the true ones: %s numbers', (_, values) => {
    const property = fc.property(
      fc.array(values, { minLength: 1, maxLength: 400 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (all, q) => {
        const sketch = quantilesOf(all);
        for (const point of [q, ...POINTS]) {
          expectWithin(0.01, sketch.quantile(point), trueQuantile(all, point));
        }
      },
    );
    fc.assert(property, { numRuns: 200 });
  });

  it.each(['latencies', 'temperatures'])(
    'are those of the reference implementation: %s',
    (kind) => {
      const random = randomOf(7);
      const values = Array.from({ length: 10_000 }, () =>
        kind === 'latencies' ? Math.exp(3 + 2 * random.normal()) : 5 + 10 * random.normal(),
      );
      const reference = new DDSketch({ relativeAccuracy: 0.01 });
      for (const value of values) reference.accept(value);
      const sketch = quantilesOf(values);
      for (const q of POINTS.slice(1, -1)) {
        expectWithin(0, sketch.quantile(q), reference.getValueAtQuantile(q));
        expectWithin(0.01, sketch.quantile(q), trueQuantile(values, q));
      }
      expect([sketch.count, sketch.min, sketch.max]).toEqual([
        values.length,
        Math.min(...values),
        Math.max(...values),
      ]);
    },
  );

  it('have the same bytes in whatever order values come and sketches are merged', () => {
    const any = fc.double({ noNaN: true, noDefaultInfinity: true });
    const property = fc.property(
      sharingOf(fc.oneof(any, signed(magnitudes(1e-9, 1e15))), 300),
      (sharing) => {
        const shared = shareOut(sharing, {
          empty: () => new Quantiles(),
          fromBytes: Quantiles.fromBytes,
          add: (sketch, value) => sketch.add(value),
        });
        expect(shared.toBytes()).toEqual(quantilesOf(sharing.things).toBytes());
      },
    );
    fc.assert(property, { numRuns: 300 });
  });

  it('read from bytes are the same and go on as if they had not been stored', () => {
    const values = fc.array(signed(magnitudes(1e-9, 1e15)), { maxLength: 200 });
    const property = fc.property(values, values, (before, after) => {
      const stored = Quantiles.fromBytes(quantilesOf(before).toBytes());
      for (const value of after) stored.add(value);
      expect(stored.toBytes()).toEqual(quantilesOf([...before, ...after]).toBytes());
    });
    fc.assert(property);
  });

  it('count a value as often as it is said, as if added one by one', () => {
    const sketch = new Quantiles();
    sketch.add(3, 2);
    sketch.add(-5, 3);
    sketch.add(0, 4);
    expect(sketch.toBytes()).toEqual(quantilesOf([3, 3, -5, -5, -5, 0, 0, 0, 0]).toBytes());
  });

  it('keep the greatest exact where the least share a bin, in a bounded number of bytes', () => {
    const values = Array.from({ length: 50_000 }, (_, at) => 10 ** (at / 200));
    const sketch = quantilesOf(values);
    expectWithin(0.01, sketch.quantile(0.999), trueQuantile(values, 0.999));
    // Told as the least that is kept: 6e17 times less than the greatest, which is 1e250.
    expect(sketch.quantile(0.01)).toBeGreaterThan(1e231);
    expect(sketch.quantile(0.01)).toBeLessThan(1e233);
    expect(sketch.min).toBe(Math.min(...values));
    expect(sketch.toBytes().length).toBeLessThan(2_200);
  });

  it('tell exact extremes, also of what counts as zero', () => {
    const sketch = quantilesOf([1e-12, -0]);
    expect([sketch.min, sketch.max, sketch.quantile(0.4)]).toEqual([0, 1e-12, 0]);
    const one = quantilesOf([1234.5678]);
    expect(POINTS.map((q) => one.quantile(q))).toEqual(POINTS.map(() => 1234.5678));
  });

  it('of the greatest and least doubles are finite', () => {
    const sketch = quantilesOf([Number.MAX_VALUE, Number.MAX_VALUE, -Number.MAX_VALUE]);
    expectWithin(0.01, sketch.quantile(0.5), Number.MAX_VALUE);
    expect(sketch.quantile(0)).toBe(-Number.MAX_VALUE);
  });

  it('of nothing are undefined', () => {
    const sketch = Quantiles.fromBytes(new Quantiles().toBytes());
    expect([sketch.count, sketch.min, sketch.max, sketch.quantile(0.5)]).toEqual([
      0,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('refuse what is no value, no count or no quantile, and stay as they were', () => {
    const sketch = quantilesOf([1]);
    const before = sketch.toBytes();
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(() => sketch.add(value)).toThrow(RangeError);
    }
    for (const count of [0, -1, 1.5, Number.NaN, 2 ** 53, Number.MAX_SAFE_INTEGER]) {
      expect(() => sketch.add(1, count)).toThrow(RangeError);
    }
    const full = new Quantiles();
    full.add(1, Number.MAX_SAFE_INTEGER);
    expect(() => sketch.merge(full)).toThrow(RangeError);
    for (const q of [-0.1, 1.1, Number.NaN]) {
      expect(() => sketch.quantile(q)).toThrow(RangeError);
    }
    expect(sketch.toBytes()).toEqual(before);
  });
});
