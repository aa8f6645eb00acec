import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ewma, type EwmaState } from '../src/index.ts';

function observed(ewma: Ewma, values: Iterable<number>): Ewma {
  for (const value of values) ewma.observe(value);
  return ewma;
}

/** By the definition: all weights written out. */
function weighted(values: readonly number[], halfLife: number) {
  const weights = values.map((_, at) => 2 ** (-(values.length - 1 - at) / halfLife));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const meanOf = (of: readonly number[]) =>
    of.reduce((sum, value, at) => sum + value * (weights[at] ?? 0), 0) / total;
  const mean = meanOf(values);
  return { mean, variance: meanOf(values.map((value) => (value - mean) ** 2)) };
}

describe('an exponentially weighted mean', () => {
  it('and its variance are those of the weights by definition, from the first observation on', () => {
    const property = fc.property(
      fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 }),
      fc.double({ min: 0.5, max: 100, noNaN: true }),
      (values, halfLife) => {
        const { mean, variance } = weighted(values, halfLife);
        const ewma = observed(new Ewma({ halfLife }), values);
        expect(Math.abs(ewma.mean - mean)).toBeLessThan(1e-5);
        expect(Math.abs(ewma.variance - variance)).toBeLessThan(1e-9 * variance + 1e-2);
      },
    );
    fc.assert(property);
  });

  it('is half way to a new level after as many observations as its half-life says', () => {
    const ewma = observed(new Ewma({ halfLife: 10 }), Array(1_000).fill(100));
    observed(ewma, Array(10).fill(200));
    expect(ewma.mean).toBeCloseTo(150, 9);
  });

  it('scores by standard deviations, with their sign', () => {
    const swinging = Array.from({ length: 1_000 }, (_, at) => (at % 2 === 0 ? 90 : 110));
    const ewma = observed(new Ewma({ halfLife: 100 }), swinging);
    expect(ewma.score(130)).toBeCloseTo(3, 1);
    expect(ewma.score(70)).toBeCloseTo(-3, 1);
    expect(ewma.score(ewma.mean)).toBe(0);
  });

  it('takes no small change for unusual where nothing ever varied', () => {
    const steady = Array(50).fill(1_000);
    expect(observed(new Ewma({ halfLife: 5 }), steady).score(1_010)).toBeCloseTo(1, 9);
    const options = { halfLife: 5, leastShare: 0, leastDeviation: 5 };
    expect(observed(new Ewma(options), steady).score(1_010)).toBeCloseTo(2, 9);
    const bare = observed(new Ewma({ halfLife: 5, leastShare: 0 }), Array(50).fill(0));
    expect(bare.score(1)).toBeGreaterThan(1e300);
  });

  it('finds nothing unusual while it warms up', () => {
    const ewma = observed(new Ewma({ halfLife: 2.5 }), [1, 2]);
    expect(ewma.score(1_000)).toBe(0);
    ewma.observe(1);
    expect(ewma.score(1_000)).toBeGreaterThan(10);
    expect(new Ewma({ halfLife: 2, warmUp: 0 }).score(1_000)).toBe(0);
  });

  it('goes on from its JSON as if it had not been stored', () => {
    const values = fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { maxLength: 50 });
    const property = fc.property(values, values, (before, after) => {
      const options = { halfLife: 7 };
      const json = JSON.stringify(observed(new Ewma(options), before));
      const stored = new Ewma(options, JSON.parse(json) as EwmaState);
      const never = observed(new Ewma(options), [...before, ...after]);
      expect(observed(stored, after).toJSON()).toEqual(never.toJSON());
    });
    fc.assert(property);
  });

  it('refuses what is no number, no option or no state, and stays as it was', () => {
    const ewma = observed(new Ewma({ halfLife: 2 }), [1, 2, 3]);
    const before = ewma.toJSON();
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 1e151]) {
      expect(() => ewma.observe(value)).toThrow(RangeError);
      expect(() => ewma.score(value)).toThrow(RangeError);
    }
    expect(ewma.toJSON()).toEqual(before);
    for (const halfLife of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => new Ewma({ halfLife })).toThrow(RangeError);
    }
    for (const wrong of [{ count: -1 }, { count: 1.5 }, { mean: Number.NaN }, { variance: -1 }]) {
      expect(() => new Ewma({ halfLife: 2 }, { ...before, ...wrong })).toThrow(RangeError);
    }
  });

  it('stays finite for the greatest values that it takes', () => {
    const ewma = observed(new Ewma({ halfLife: 3 }), [1e150, -1e150, 1e150, -1e150]);
    expect(Number.isFinite(ewma.variance) && Number.isFinite(ewma.score(1e150))).toBe(true);
  });
});
