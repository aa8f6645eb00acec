import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Incoming } from '../../../src/domain/engine/pipeline.ts';
import { posts } from '../../../src/pipelines/posts/pipeline.ts';
import { settle } from '../../model/settle.ts';

function post(id: string, text: string, lang?: string, time = '2026-11-23T09:41:07Z'): Incoming {
  return {
    tenant: 'acme',
    arrivedAt: '2026-11-24T00:00:00.000Z',
    event: {
      specversion: '1.0',
      id,
      source: '/social',
      type: 'millrace.post.v1',
      time,
      data: { author: 'kim', text, ...(lang !== undefined && { lang }) },
    },
  };
}

const drawn = fc.record({
  id: fc.integer({ min: 0, max: 30 }),
  text: fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 60 }),
    fc
      .array(
        fc.constantFrom('#결제', '#Pay', '@이름', '좋아요', '안', 'good', 'not', '__proto__', '😍'),
      )
      .map((words) => words.join(' ')),
  ),
  lang: fc.option(fc.constantFrom('ko', 'en-US', 'und'), { nil: undefined }),
  hour: fc.integer({ min: 10, max: 13 }),
});

test('any order and any repetition of posts counts the same', () => {
  const delivered = fc
    .uniqueArray(drawn, { minLength: 1, maxLength: 30, selector: ({ id }) => id })
    .map((all) =>
      all.map(({ id, text, lang, hour }) =>
        post(String(id), text, lang, `2026-11-23T${hour}:00:00Z`),
      ),
    )
    .chain((all) =>
      fc.tuple(
        fc.constant(all),
        fc
          .array(fc.constantFrom(...all), { maxLength: 20 })
          .chain((again) =>
            fc.shuffledSubarray([...all, ...again], { minLength: all.length + again.length }),
          ),
      ),
    );
  fc.assert(
    fc.property(delivered, ([all, disordered]) => {
      const straight = settle(posts, all);
      const otherwise = settle(posts, disordered);
      expect(otherwise.counts).toEqual(straight.counts);
      expect(otherwise.terms).toEqual(straight.terms);
      expect(straight.refused).toEqual([]);
    }),
  );
});

// The example of docs/posts.md.
test('a Korean post is counted as its documentation shows', () => {
  const { counts, terms } = settle(posts, [
    post('1', '@하나 결제가 너무 불편해요 #결제 https://example.com/a#top'),
  ]);
  const hour = (metric: string, by: object) =>
    `acme ${metric} 1h 2026-11-23T09:00:00Z ${JSON.stringify(by)}`;
  expect(counts[hour('posts.sentiment', { lang: 'ko', polarity: 'negative' })]).toEqual({
    count: 1,
    sum: '-3',
  });
  expect(terms.get(hour('posts.hashtags', {}))).toEqual(new Map([['결제', 1]]));
  expect(terms.get(hour('posts.mentions', {}))).toEqual(new Map([['하나', 1]]));
  expect(terms.get(hour('posts.terms', { lang: 'ko' }))).toEqual(
    new Map([
      ['결제', 1],
      ['불편해요', 1],
    ]),
  );
});
