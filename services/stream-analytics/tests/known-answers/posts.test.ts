import { expect, test } from 'vitest';
import { posts } from '../../src/pipelines/posts/pipeline.ts';
import { settle } from '../model/settle.ts';
import { daysOf, namedCounts } from './expected-count.ts';
import { events, expected, expectedTerms } from './posts-data.ts';

test.each([1, 7, 23])('posts of three days, seed %i, add up to what is known', (seed) => {
  const data = events(seed, 1500);
  const known = expected(data);
  const settled = settle(posts, data);
  expect(daysOf(settled)).toEqual(namedCounts(known));
  expect(settled.refused).toEqual([]);
  // The data must ask something of all of them.
  for (const metric of ['posts.sentiment', 'posts.hashtags', 'posts.mentions', 'posts.terms'])
    expect(known.filter((one) => one.metric === metric).length).toBeGreaterThan(5);
});

test('terms, hashtags and mentions are those of the distinct posts', () => {
  const data = events(3, 1500);
  const said = [...settle(posts, data).terms].filter(([name]) => name.split(' ')[2] === '1d');
  const named = said.map(([name, terms]) => {
    const [tenant, metric, , start = '', by = ''] = name.split(' ');
    return [
      JSON.stringify([tenant, metric, start.slice(0, 10), JSON.parse(by)]),
      Object.fromEntries(terms),
    ];
  });
  expect(Object.fromEntries(named)).toEqual(expectedTerms(data));
});
