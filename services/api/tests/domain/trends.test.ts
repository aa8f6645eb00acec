import { describe, expect, it } from 'vitest';
import { readTrends, type TrendRequest } from '../../src/domain/trends/read-trends.ts';
import { type Counted, memoryMetricStore, metricItem } from '../support/metric-items.ts';

const NOW = Date.parse('2026-11-23T09:30:00Z');
const HOUR = 3_600_000;
const hourOf = (back: number) => `${new Date(NOW - back * HOUR).toISOString().slice(0, 13)}:00:00Z`;
const times = (term: string, count: number) => Array<string>(count).fill(term);
const tags = (back: number, terms: readonly string[], more: Partial<Counted> = {}) =>
  metricItem({
    ...{ metric: 'posts.hashtags', window: '1h', start: hourOf(back), count: terms.length, terms },
    ...more,
  });
const request: TrendRequest = { of: 'hashtags', window: '1h', limit: 10 };
const read = (items: Parameters<typeof memoryMetricStore>[0], more: Partial<TrendRequest> = {}) =>
  readTrends(memoryMetricStore(items), 'acme', { ...request, ...more }, NOW);

/** `coffee` in each of the last two days' hours, as ever. */
const usual = Array.from({ length: 48 }, (_, nth) => tags(nth + 1, times('coffee', 40)));

describe('trends', () => {
  it('are terms that are more frequent than in their own past, of all writers', async () => {
    const now = [
      tags(0, [...times('coffee', 40), ...times('결제', 5)]),
      tags(0, times('결제', 7), { writer: '1' }),
    ];
    const { from, progress, items } = await read([...usual, ...now]);
    expect({ from, progress }).toEqual({ from: '2026-11-23T09:00:00Z', progress: 0.5 });
    // `coffee` is usual, but half of the hour is still to come.
    expect(items.map(({ term, count }) => [term, count])).toEqual([
      ['결제', 12],
      ['coffee', 40],
    ]);
    expect(items).toMatchObject([{ expected: 0, score: 12 }, { expected: 20 }]);
  });
  it('of a window that is over are measured against all of its past', async () => {
    const spike = [tags(3, [...times('coffee', 40), ...times('rain', 9)])];
    const before = usual.filter(({ start }) => start !== hourOf(3));
    const { from, progress, items } = await read([...before, ...spike], {
      at: '2026-11-23T06:59:59+00:00',
    });
    expect({ from, progress }).toEqual({ from: '2026-11-23T06:00:00Z', progress: 1 });
    expect(items.map(({ term }) => term)).toEqual(['rain']);
  });
  it('do not look further back than two days', async () => {
    const longAgo = Array.from({ length: 9 }, (_, nth) => tags(49 + nth, times('rain', 90)));
    const { items } = await read([...longAgo, tags(0, times('rain', 5))]);
    expect(items).toMatchObject([{ term: 'rain', expected: 0 }]);
  });
  it('are of days where days are asked for', async () => {
    const day = { metric: 'posts.mentions', window: '1d' } as const;
    const items = [
      metricItem({ ...day, start: '2026-11-23T00:00:00Z', count: 5, terms: times('jane', 5) }),
      metricItem({ ...day, start: '2026-11-22T00:00:00Z', count: 1, terms: ['jane'] }),
    ];
    const found = await read(items, { of: 'mentions', window: '1d' });
    expect(found.items.map(({ term }) => term)).toEqual(['jane']);
    expect(found.items[0]?.expected).toBeGreaterThan(0);
  });
  it('of terms may be those of one language', async () => {
    const term = (lang: string, word: string) =>
      tags(0, times(word, 9), { metric: 'posts.terms', by: { lang } });
    const items = [term('ko', '결제'), term('en', 'payment')];
    const of = (lang?: string) => read(items, { of: 'terms', lang });
    expect((await of('ko')).items.map(({ term }) => term)).toEqual(['결제']);
    expect((await of()).items.map(({ term }) => term)).toEqual(['payment', '결제']);
  });
  it('are as many as are asked for, and of one tenant', async () => {
    const now = tags(0, [...times('a', 9), ...times('b', 8), ...times('c', 7)]);
    expect((await read([now], { limit: 2 })).items.map(({ term }) => term)).toEqual(['a', 'b']);
    expect((await read([tags(0, times('a', 9), { tenant: 'other' })])).items).toEqual([]);
  });
  it.each([
    [{ at: '2026-11-23T09:30:00.001Z' }, '?at'],
    [{ at: '1969-12-31T00:00:00Z' }, '?at'],
    [{ lang: 'ko' }, '?lang'],
  ])('are refused of %j', async (more, path) => {
    await expect(read([], more)).rejects.toMatchObject({
      code: 'invalid_request',
      violations: [{ path }],
    });
  });
});
