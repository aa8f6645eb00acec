import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TopTerms, trendingTerms } from '../src/index.ts';

function window(counts: Readonly<Record<string, number>>, capacity?: number): TopTerms {
  const terms = new TopTerms(capacity);
  for (const [term, count] of Object.entries(counts)) terms.add(term, count);
  return terms;
}

it('shows what is more frequent than it used to be, not what always is frequent', () => {
  const past = Array.from({ length: 24 }, (_, at) => window({ coffee: 500 + (at % 7), 결제: 4 }));
  const trends = trendingTerms(window({ coffee: 505, 결제: 40, mill: 2 }), past);
  expect(trends.map(({ term }) => term)).toEqual(['결제']);
  // (40 − 4) above a deviation of √4.
  expect(trends[0]).toEqual({ term: '결제', count: 40, expected: 4, score: 18 });
});

it('a term without a past is a trend as soon as it is more than chance', () => {
  expect(trendingTerms(window({ fire: 5, rare: 2 }), [undefined, window({ coffee: 9 })])).toEqual([
    { term: 'fire', count: 5, expected: 0, score: 5 },
  ]);
});

it('what varies much needs more to be a trend than what is steady', () => {
  const past = Array.from({ length: 24 }, (_, at) =>
    window({ wild: at % 2 ? 190 : 10, calm: 100 }),
  );
  const trends = trendingTerms(window({ wild: 160, calm: 160 }), past);
  expect(trends.map(({ term }) => term)).toEqual(['calm']);
});

it('recent windows say more than old ones', () => {
  const grown = Array.from({ length: 24 }, (_, at) => window({ tea: at < 12 ? 10 : 100 }));
  const shrunk = grown.toReversed();
  const [afterGrowth] = trendingTerms(window({ tea: 300 }), grown, { halfLife: 4 });
  const [afterFall] = trendingTerms(window({ tea: 300 }), shrunk, { halfLife: 4 });
  expect(afterGrowth?.expected).toBeGreaterThan(80);
  expect(afterFall?.expected).toBeLessThan(30);
});

it('half an hour is compared with half of the hours before', () => {
  const past = Array.from({ length: 10 }, () => window({ tea: 100 }));
  expect(trendingTerms(window({ tea: 80 }), past)).toEqual([]);
  expect(trendingTerms(window({ tea: 80 }), past, { progress: 0.5 })[0]?.expected).toBeCloseTo(50);
  expect(() => trendingTerms(window({}), past, { progress: 0 })).toThrow(RangeError);
});

it('a term that a full sketch dropped is taken to have been as frequent as it can have been', () => {
  const full = window(
    Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`t${at}`, 20])),
    10,
  );
  expect(full.bound).toBeGreaterThan(0);
  const [trend] = trendingTerms(window({ dropped: 100 }), [full, full]);
  expect(trend?.expected).toBeCloseTo(full.bound);
});

it('more of a term never makes it less of a trend', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 30 }),
      fc.integer({ min: 1, max: 500 }),
      (before, count) => {
        const past = before.map((tea) => window({ tea }));
        const any = { leastCount: 0, leastScore: -Infinity };
        const [less] = trendingTerms(window({ tea: count }), past, any);
        const [more] = trendingTerms(window({ tea: count + 1 }), past, any);
        expect(more?.score).toBeGreaterThan(less?.score ?? Infinity);
      },
    ),
  );
});
