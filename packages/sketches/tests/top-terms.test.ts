import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TopTerms } from '../src/index.ts';
import { randomOf } from './random.ts';
import { shareOut, sharingOf } from './sharing-out.ts';

interface Weighed {
  readonly term: string;
  readonly weight: number;
}

function add(sketch: TopTerms, { term, weight }: Weighed): void {
  sketch.add(term, weight);
}

function topTermsOf(capacity: number, things: Iterable<Weighed>): TopTerms {
  const sketch = new TopTerms(capacity);
  for (const thing of things) add(sketch, thing);
  return sketch;
}

function trueCounts(things: readonly Weighed[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { term, weight } of things) counts.set(term, (counts.get(term) ?? 0) + weight);
  return counts;
}

function expectPromises(sketch: TopTerms, things: readonly Weighed[], capacity: number): void {
  const left = trueCounts(things);
  const total = things.reduce((sum, { weight }) => sum + weight, 0);
  for (const { term, count, error } of sketch.top(Number.POSITIVE_INFINITY)) {
    const truth = left.get(term) ?? 0;
    expect(truth).toBeGreaterThan(0);
    expect(count).toBeGreaterThanOrEqual(truth);
    expect(count - error).toBeLessThanOrEqual(truth);
    expect(error).toBeLessThanOrEqual(sketch.bound);
    left.delete(term);
  }
  for (const truth of left.values()) expect(truth).toBeLessThanOrEqual(sketch.bound);
  expect(sketch.bound * (capacity + 1)).toBeLessThanOrEqual(total);
}

const weighed = fc.record({
  term: fc.oneof(fc.nat({ max: 5 }), fc.nat({ max: 60 })).map((nth) => `term ${nth}`),
  weight: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 50 })),
});

function sharedOut(capacity: number) {
  return { empty: () => new TopTerms(capacity), fromBytes: TopTerms.fromBytes, add };
}

describe('top terms', () => {
  it('are exact and have the same bytes in any order, as long as they fit', () => {
    const property = fc.property(sharingOf(weighed, 300), (sharing) => {
      const shared = shareOut(sharing, sharedOut(61));
      expect(shared.toBytes()).toEqual(topTermsOf(61, sharing.things).toBytes());
      const told = shared.top(61).map(({ term, count, error }) => [term, count, error]);
      const exact = [...trueCounts(sharing.things)].map(([term, count]) => [term, count, 0]);
      expect(new Set(told.map(String))).toEqual(new Set(exact.map(String)));
      expect(shared.bound).toBe(0);
    });
    fc.assert(property);
  });

  it('keep their promises when there are more, in whatever order they come and are merged', () => {
    const property = fc.property(
      sharingOf(weighed, 400),
      fc.integer({ min: 1, max: 20 }),
      (sharing, capacity) => {
        expectPromises(shareOut(sharing, sharedOut(capacity)), sharing.things, capacity);
      },
    );
    fc.assert(property, { numRuns: 500 });
  });

  it('keep their promises when capacities differ, by the smallest', () => {
    const lists = fc.array(fc.array(weighed, { maxLength: 200 }), { minLength: 1, maxLength: 5 });
    const property = fc.property(lists, (parts) => {
      const merged = new TopTerms(12);
      parts.forEach((things, at) => {
        merged.merge(topTermsOf(3 + 7 * at, things));
      });
      expectPromises(merged, parts.flat(), 3);
    });
    fc.assert(property);
  });

  it('are found among many others', () => {
    const random = randomOf(11);
    const things = Array.from({ length: 200_000 }, () => ({
      term: `#${random.zipf(50_000)}`,
      weight: 1,
    }));
    const sketch = new TopTerms();
    for (let from = 0; from < things.length; from += 1_000) {
      const part = topTermsOf(200, things.slice(from, from + 1_000));
      sketch.merge(TopTerms.fromBytes(part.toBytes()));
    }
    expectPromises(sketch, things, 200);
    const truth = [...trueCounts(things)].sort((one, other) => other[1] - one[1]);
    const told = sketch.top(10).map(({ term }) => term);
    expect(told).toEqual(truth.slice(0, 10).map(([term]) => term));
  });

  it('of equal counts come in the order of their text', () => {
    const sketch = topTermsOf(
      3,
      ['b', 'c', 'a'].map((term) => ({ term, weight: 2 })),
    );
    expect(sketch.top(2)).toEqual([
      { term: 'a', count: 2, error: 0 },
      { term: 'b', count: 2, error: 0 },
    ]);
    expect([sketch.top(0), sketch.top(-1)]).toEqual([[], []]);
  });

  it('go on as if they had not been stored, and storing changes nothing', () => {
    const lists = fc.array(weighed, { maxLength: 100 });
    const property = fc.property(lists, lists, (before, after) => {
      const sketch = topTermsOf(8, before);
      const told = sketch.top(100);
      const stored = TopTerms.fromBytes(sketch.toBytes());
      expect(sketch.top(100)).toEqual(told);
      expect(stored.toBytes()).toEqual(sketch.toBytes());
      for (const thing of after) add(stored, thing);
      expectPromises(stored, [...before, ...after], 8);
    });
    fc.assert(property);
  });

  it('merged with themselves are twice as many', () => {
    const sketch = topTermsOf(
      2,
      ['a', 'a', 'b', 'c'].map((term) => ({ term, weight: 1 })),
    );
    sketch.merge(sketch);
    const things = [...'aabcaabc'].map((term) => ({ term, weight: 1 }));
    expectPromises(sketch, things, 2);
  });

  it('are told of any text, cut at 256 bytes between characters', () => {
    const texts = ['', '\ufeffx', '한'.repeat(85), '😀'.repeat(64)];
    const sketch = topTermsOf(
      9,
      texts.map((term) => ({ term, weight: 1 })),
    );
    sketch.add(`${'한'.repeat(85)}국`, 2);
    sketch.add('\ud800', 4);
    const told = TopTerms.fromBytes(sketch.toBytes()).top(9);
    expect(new Map(told.map(({ term, count }) => [term, count]))).toEqual(
      new Map([
        ['\ufffd', 4],
        ...texts.map((term) => [term, term.startsWith('한') ? 3 : 1] as const),
      ]),
    );
  });

  it('refuse what is no weight or no capacity, and stay as they were', () => {
    const sketch = topTermsOf(2, [{ term: 'a', weight: 1 }]);
    const before = sketch.toBytes();
    for (const weight of [0, -1, 1.5, Number.NaN, 2 ** 53, Number.MAX_SAFE_INTEGER]) {
      expect(() => sketch.add('a', weight)).toThrow(RangeError);
    }
    const full = topTermsOf(2, [{ term: 'b', weight: Number.MAX_SAFE_INTEGER }]);
    expect(() => sketch.merge(full)).toThrow(RangeError);
    expect(sketch.toBytes()).toEqual(before);
    for (const capacity of [0, 1.5, 10_001, Number.NaN]) {
      expect(() => new TopTerms(capacity)).toThrow(RangeError);
    }
  });
});
