import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pageOf, pageUrl } from '../../../src/pipelines/clicks/page.ts';
import { sourceOf } from '../../../src/pipelines/clicks/source.ts';

const page = (url: string) => pageOf(pageUrl(url));

test.each([
  ['https://shop.example/a/b?token=1#c', '/a/b'],
  ['https://jane:secret@shop.example/a', '/a'],
  ['/a/../b', '/b'],
  ['a', '/a'],
  ['', '/'],
  ['?q=jane@shop.example', '/'],
  ['//other.example/x', '/x'],
  ['https://shop.example/밀가루', '/%EB%B0%80%EA%B0%80%EB%A3%A8'],
  ['https://shop.example/users/jane@shop.example/orders', '/users/:address/orders'],
  ['https://shop.example/users/jane%40shop.example', '/users/:address'],
  ['https://shop.example/@jane', '/@jane'],
  ['javascript:alert(1)', '(invalid)'],
  ['javascript://shop.example/%0aalert(1)', '(invalid)'],
  ['data:text/html,x', '(invalid)'],
  ['http://[', '(invalid)'],
  ['http://a b/', '(invalid)'],
  ['https://shop.example/\ud800', '/%EF%BF%BD'],
])('the page of %s is %s', (url, expected) => {
  expect(page(url)).toBe(expected);
});

test('a long path is cut, never within a character', () => {
  expect(page(`/${'a'.repeat(4000)}`)).toBe(`/${'a'.repeat(511)}`);
  for (const letter of ['é', '밀', '😀']) {
    for (let shift = 0; shift < 12; shift += 1) {
      const cut = page(`/${'a'.repeat(shift)}${letter.repeat(340)}`);
      expect(cut.length).toBeGreaterThan(500);
      expect(cut.length).toBeLessThanOrEqual(512);
      expect(decodeURIComponent(cut)).toMatch(new RegExp(`^/a{${shift}}${letter}+$`, 'u'));
    }
  }
});

test('whatever is sent, a page is short, has no query and is text', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 4096, size: 'max' }),
    fc.webUrl({ withQueryParameters: true, withFragments: true }),
    fc
      .array(fc.constantFrom('%40', '%', '@', '.', '/', '%f0', '%9f', 'a'), { maxLength: 1000 })
      .map((parts) => `/${parts.join('')}`),
  );
  fc.assert(
    fc.property(hostile, hostile, (url, referrer) => {
      expect(page(url)).toMatch(/^(\(invalid\)|\/[\x21-\x7e]{0,511})$/);
      expect(page(url)).not.toMatch(/[?#]/);
      const { referrer: from } = sourceOf(pageUrl(url), referrer);
      expect(from).toMatch(/^\S{1,100}$/);
      expect(from).not.toMatch(/[/?#]/);
    }),
    { numRuns: 400 },
  );
});

describe('where a visitor came from', () => {
  const at = pageUrl('https://www.shop.example/?utm_source=%20News%20&utm_campaign=a');
  test.each([
    [undefined, 'direct'],
    ['', 'direct'],
    ['https://www.Search.example./find?q=my+name', 'search.example'],
    ['https://jane:secret@news.example/', 'news.example'],
    ['android-app://com.example.mail/', 'com.example.mail'],
    ['https://shop.example/cart', 'internal'],
    ['about:blank', 'other'],
    ['javascript:alert(1)', 'other'],
    ['not a url', 'other'],
    [`https://${'a.'.repeat(60)}example/`, 'other'],
  ])('%s is %s', (referrer, expected) => {
    expect(sourceOf(at, referrer).referrer).toBe(expected);
  });

  test('campaigns are trimmed and cut, and no addresses', () => {
    expect(sourceOf(at, '')).toMatchObject({ source: 'News', medium: '', campaign: 'a' });
    const of = (campaign: string) =>
      sourceOf(pageUrl(`/?utm_campaign=${encodeURIComponent(campaign)}`), '').campaign;
    expect(of('jane@shop.example')).toBe('other');
    expect(of('밀'.repeat(100))).toBe('밀'.repeat(64));
    expect(of(`a${'😀'.repeat(100)}`)).toBe(`a${'😀'.repeat(31)}`);
    expect(sourceOf(undefined, '')).toMatchObject({ source: '', medium: '', campaign: '' });
  });
});
