import fc from 'fast-check';
import { expect, test } from 'vitest';
import { folded, MOST_TAGS, taggedOf } from '../../../src/pipelines/posts/tags.ts';

test.each([
  ['#결제 안 됨 #오류', ['결제', '오류'], []],
  ['안녕 @이름 그리고 @kim_1', [], ['이름', 'kim_1']],
  ['#Café #CAFE\u0301 #café', ['café'], []],
  ['#STRASSE #straße', ['strasse'], []],
  ['#ΟΔΟΣ #οδος', ['οδοσ'], []],
  ['＃전각 ＠이름', ['전각'], ['이름']],
  ['#1 #2026 #v2', ['v2'], []],
  ['me@example.com a#b C# # @', [], []],
  ['.@kim hi', [], ['kim']],
  ['https://example.com/a#top http://x.kr/@kim www.x.com/#y', [], []],
  ['보세요https://example.com/a#top 끝 #끝', ['끝'], []],
  ['example.com/a#top', [], []],
  ['(#괄호)', ['괄호'], []],
  ['#a#b', ['a'], []],
  ['#__proto__ @constructor', ['__proto__'], ['constructor']],
  ['#नमस्ते #สวัสดี #日本語', ['नमस्ते', 'สวัสดี', '日本語'], []],
  [`#${'x'.repeat(65)}`, [], []],
])('%s', (text, hashtags, mentions) => {
  const found = taggedOf(text);
  expect(found.hashtags).toEqual(hashtags);
  expect(found.mentions).toEqual(mentions);
});

test('what is left is the text without addresses and tags', () => {
  const { rest } = taggedOf('Love it #phone @kim https://example.com/love#hate now');
  expect(rest.split(/\s+/)).toEqual(['Love', 'it', 'now']);
});

test('a post of nothing but tags counts a bounded number of them', () => {
  const text = Array.from({ length: 500 }, (_, at) => `#t${at} @u${at}`).join(' ');
  expect(taggedOf(text).hashtags).toHaveLength(MOST_TAGS);
  expect(taggedOf(text).mentions).toHaveLength(MOST_TAGS);
});

test('folding again changes nothing, and composed and decomposed letters are one', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(folded(folded(text))).toBe(folded(text));
      expect(folded(text.normalize('NFD'))).toBe(folded(text.normalize('NFC')));
    }),
  );
});

test('hostile texts take time in proportion to their length', () => {
  // None of these may backtrack: each of them would take minutes.
  for (const piece of ['#', '@', 'a.', 'http', '://', '#1', 'x', '\u200d', '가#', 'a-']) {
    taggedOf(piece.repeat(10_000 / piece.length));
  }
});
