import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beginningOf, beginningsOf, termsNeededOf, termsOf, wordsOf } from '../src/index.ts';

const indexed = (text: string) => new Set([...wordsOf(text)].flatMap(termsOf));
const needed = (query: string) => [...wordsOf(query)].flatMap(termsNeededOf);
function finds(query: string, text: string): boolean {
  const terms = needed(query);
  return terms.length > 0 && terms.every((term) => indexed(text).has(term));
}

describe('a search finds', () => {
  it.each([
    ['결제', '카드로 결제를 했다'],
    ['결제를', '결제'],
    ['결제', '전자결제 시스템'],
    ['결제는', '결제했습니다'],
    ['결제를', '전자결제는 안전하다'],
    ['전자결제', '전자결제에서는'],
    ['고양이는', '고양이'],
    ['고양이', '고양이들에게는'],
    ['사용자들에게는', '사용자 안내'],
    ['물', '물을 마신다'],
    ['물을', '물이 흐른다'],
    ['물에서', '물'],
    ['집에서만', '집에서만'],
    ['집', '집에서만 한다'],
    ['책으로는', '책으로는'],
    ['AWS를', 'aws 요금'],
    ['aws', 'AWS에서 돌린다'],
    ['서울로', '서울'],
    ['부산으로', '부산'],
    ['한글', '한글'.normalize('NFD')],
    ['한글'.normalize('NFD'), '한글을'],
    ['wheels', 'a wheel turns'],
    ['turning wheel', 'Wheels TURN'],
    ['café', 'CAFE'],
    ['cafe', 'café'.normalize('NFD')],
    ['user’s', 'the user'],
    ['A-123', 'part A-123, in stock'],
    ['jane@acme.com', 'write to jane@acme.com.'],
    ['2026', 'report_2026-final.pdf'],
    ['ﬁle', 'file'],
    ['ＡＢＣ', 'abc'],
    ['hyphen\u00adated', 'hyphenated'],
    ['水車', '水車小屋'],
    ['カード', 'クレジットカード'],
    ['ｶｰﾄﾞ', 'カード'],
    ['東京', '東京都庁'],
    ['мельница', 'Мельница'],
    ['μύλος', 'ΜΎΛΟΣ'.toLowerCase()],
  ])('%s in %s', (query, text) => {
    expect(finds(query, text)).toBe(true);
  });
});

describe('a search does not find', () => {
  it.each([
    ['결제', '결재 서류'],
    ['사과', '사도'],
    ['마을', '마지막'],
    ['전자결제', '결제'],
    ['물', '물레방아'],
    ['로그인', '로그'],
    ['wheel', 'wheat'],
    ['a b', 'a'],
    ['—!?', 'anything'],
    ['', 'anything'],
  ])('%s in %s', (query, text) => {
    expect(finds(query, text)).toBe(false);
  });
});

it('whatever a text holds is found by each of its words', () => {
  const text = fc.array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 8 }),
      fc.constantFrom('결제를', '물을', '사용자들에게는', '水車', 'ผลไม้', "user's", 'ß', 'İ', ' '),
    ),
  );
  fc.assert(
    fc.property(text, (parts) => {
      const whole = parts.join('');
      const terms = indexed(whole);
      for (const word of wordsOf(whole))
        for (const term of termsNeededOf(word)) expect(terms).toContain(term);
    }),
    { numRuns: 2_000 },
  );
});

it('a Korean word is found by itself, whatever endings are heaped on it', () => {
  const endings = fc.array(
    fc.constantFrom(
      ...'을 를 은 는 에 도 만 에서 에게 으로 로 까지 부터 들 하다 입니다'.split(' '),
    ),
    { maxLength: 4 },
  );
  const noun = fc.constantFrom('집', '물', '나', '책', '월', '결제', '고양이');
  fc.assert(
    fc.property(noun, endings, (stem, heaped) => {
      const word = stem + heaped.join('');
      expect(finds(word, word)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

it('a word knows where it lies in the text as it was written', () => {
  const text = `말: ${'결제를'.normalize('NFD')} ﬁles!`;
  expect([...wordsOf(text)].map(({ from, to }) => text.slice(from, to).normalize('NFC'))).toEqual([
    '말',
    '결제를',
    'ﬁles',
  ]);
});

it('beginnings are told by letters, from two on where a word has more than one', () => {
  const [english, korean] = [...wordsOf('Café 물레방아')];
  if (!english || !korean) throw new TypeError('two words');
  expect(beginningsOf(english)).toEqual(['ca', 'caf', 'cafe']);
  expect(beginningsOf(korean)).toEqual(['물', '물레', '물레방', '물레방아']);
  const [typed, letter] = [...wordsOf('CAF c')];
  expect(typed && beginningOf(typed)).toBe('caf');
  expect(letter && beginningOf(letter)).toBeUndefined();
});

it('takes a time that grows with the length of the text, whatever is in it', () => {
  const hostile = ['a', "a'", 'a\u0301', '을', '를a', 'ー', '\u00ad', '\ud800', 'a\u200d', "'s"];
  for (const part of hostile) {
    const text = part.repeat(200_000 / part.length);
    const start = process.cpuUsage();
    let terms = 0;
    for (const word of wordsOf(text)) terms += termsOf(word).length;
    const { user } = process.cpuUsage(start);
    expect(user / 1_000, `milliseconds of ${part}, which gave ${terms}`).toBeLessThan(3_000);
  }
});
