import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { beginningsOfForms } from '../../../src/pipelines/posts/korean-forms.ts';
import { STEM_SCORES } from '../../../src/pipelines/posts/korean-lexicon.ts';
import { MOST_SCORE, sentimentOf } from '../../../src/pipelines/posts/sentiment.ts';
import { ENGLISH } from './english-sentences.ts';
import type { Judged } from './judged.ts';
import { KOREAN } from './korean-sentences.ts';
import { UNSEEN_ENGLISH, UNSEEN_KOREAN } from './unseen-sentences.ts';

const SIGNS = { positive: '+', negative: '-', neutral: '0', unknown: '?' };

function judge(sentences: readonly Judged[], language: string) {
  const told = sentences.map(({ text, polarity }) => ({
    polarity,
    told: SIGNS[sentimentOf(text, language).polarity],
  }));
  const share = (of: typeof told) =>
    of.filter(({ polarity, told: sign }) => sign === polarity).length / of.length;
  const judgements = {
    accuracy: share(told),
    /** Of those that it calls positive or negative. */
    precision: share(told.filter(({ told: sign }) => sign !== '0')),
  };
  console.log(language, sentences.length, 'sentences', judgements);
  return judgements;
}

describe('sentences', () => {
  test.each([
    ['en', ENGLISH],
    ['ko', KOREAN],
  ] as const)('that the rules of %s were made with are told as a reader would', (language, all) => {
    expect(all.length).toBeGreaterThanOrEqual(60);
    expect(judge(all, language).accuracy).toBeGreaterThanOrEqual(0.95);
  });

  // Readers understand more than words say; what is not understood must mostly be called neutral.
  test.each([
    ['en', UNSEEN_ENGLISH],
    ['ko', UNSEEN_KOREAN],
  ] as const)('that the rules of %s never saw', (language, all) => {
    const { accuracy, precision } = judge(all, language);
    expect(accuracy).toBeGreaterThanOrEqual(0.5);
    expect(precision).toBeGreaterThanOrEqual(0.75);
  });
});

test.each([
  ['좋아요', 3],
  ['안 좋아요', -3],
  ['안좋아요', -3],
  ['좋지 않아요', -3],
  ['좋지않아요', -3],
  ['좋진 않네요', -3],
  ['추천하고 싶지 않아요', -3],
  ['만족스럽지 못해요', -3],
  ['믿을 수 없어요', -2],
  ['재미가 하나도 없어요', -2],
  ['최고는 아니에요', -4],
  ['해결이 안 돼요', -2],
  ['나쁘지 않아요', 2],
  ['안 나쁘지 않아요', -2],
  ['사랑하지 않을 수 없어요', 3],
  ['불편함이 없어요', 2],
  ['마음에 쏙 들어요', 3],
  ['마음에 들지 않아요', -3],
  ['마음에 안 들어요', -3],
  ['너무 좋아요', 4],
  ['별로예요', -2],
  ['아파트', 0],
  ['아파요', -2],
])('%s says %i', (text, score) => {
  expect(sentimentOf(text, 'ko').score).toBe(score);
});

test.each([
  ['good', 3],
  ['not good', -3],
  ['very good', 4],
  ["isn't very good", -4],
  ['isn’t good', -3],
  ['no. good', 3],
  ['constructor __proto__ toString', 0],
])('%s says %i', (text, score) => {
  expect(sentimentOf(text, 'en').score).toBe(score);
});

test('faces decide where words do not', () => {
  expect(sentimentOf('오늘 😍', 'ko').polarity).toBe('positive');
  expect(sentimentOf('월요일 ㅠㅠ', 'ko').polarity).toBe('negative');
  expect(sentimentOf('너무 좋아 ㅠㅠ', 'ko').polarity).toBe('positive');
});

test('Koreans mix English in', () => {
  expect(sentimentOf('이 앱 정말 good', 'ko').polarity).toBe('positive');
});

test('a language that is not read is unknown, not neutral', () => {
  expect(sentimentOf('Das ist sehr gut', 'de')).toEqual({ score: 0, polarity: 'unknown' });
});

test('a stem is recognised in the forms of its verb', () => {
  const forms: Record<string, string[]> = {
    나쁘: ['나빠요', '나쁜', '나빴다', '나쁩니다'],
    빠르: ['빨라요', '빠른', '빨랐다'],
    힘들: ['힘든', '힘듭니다', '힘들어', '힘드네요'],
    아름답: ['아름다운', '아름다워', '아름답다'],
    멋지: ['멋져요', '멋진'],
    멈추: ['멈춰요', '멈춘다'],
    편하: ['편해요', '편한'],
  };
  for (const [stem, words] of Object.entries(forms)) {
    for (const word of words) {
      const letters = word.normalize('NFD');
      expect(
        beginningsOfForms(stem).some((one) => letters.startsWith(one)),
        word,
      ).toBe(true);
    }
  }
});

test('the lexicon is as large as is said', () => {
  expect([...STEM_SCORES.values()].filter((score) => score !== 0).length).toBeGreaterThan(500);
});

test('any text has a bounded whole score with the sign of its polarity', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc
          .array(fc.constantFrom(...STEM_SCORES.keys(), '안', '지 않', '수 없', '이', ' ', 'not'))
          .map((parts) => parts.join(' ')),
      ),
      fc.constantFrom('en', 'ko', 'de'),
      (text, language) => {
        const { score, polarity } = sentimentOf(text, language);
        expect(Number.isInteger(score) && Math.abs(score) <= MOST_SCORE).toBe(true);
        expect(Math.sign(score)).toBe(
          { positive: 1, negative: -1, neutral: 0, unknown: 0 }[polarity],
        );
      },
    ),
  );
});
