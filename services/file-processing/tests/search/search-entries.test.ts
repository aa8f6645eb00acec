import { MOST_CHARACTERS, MOST_TERMS, searchEntries } from '@millrace/search-index';
import { describe, expect, it } from 'vitest';

const HASH = '00FF12345678ABCD';

describe('what a version is found by', () => {
  it('are its terms, with how often and where they are', () => {
    const { postings } = searchEntries({ name: '', text: '결제를 했다. Wheels, a wheel: 결제' });
    expect(postings.get('term-결제')).toEqual({ frequency: 2, length: 6, at: 0 });
    expect(postings.get('term-wheel')).toEqual({ frequency: 2, length: 6, at: 8 });
  });
  it('are the words of name and title, and their beginnings', () => {
    const { postings } = searchEntries({ name: 'Wheel.pdf', title: '물레', text: 'wheel' });
    expect(postings.get('term-wheel')).toEqual({ frequency: 1, length: 1, at: 0, named: true });
    expect([...postings.keys()].filter((one) => one.startsWith('beginning-'))).toEqual([
      ...['wh', 'whe', 'whee', 'wheel', 'pd', 'pdf', '물', '물레'].map((one) => `beginning-${one}`),
    ]);
  });
  it('are the bands of a picture', () => {
    const { postings } = searchEntries({ name: '', perceptualHash: HASH });
    expect([...postings]).toEqual(
      ['0-00ff', '1-1234', '2-5678', '3-abcd'].map((band) => [
        `band-${band}`,
        { hash: HASH.toLowerCase() },
      ]),
    );
    expect(searchEntries({ name: '', perceptualHash: 'nonsense' }).postings.size).toBe(0);
  });
});

describe('what is too long', () => {
  it.each([
    ['terms', Array.from({ length: MOST_TERMS + 1 }, (_, at) => `t${at}`).join(' ')],
    ['characters', 'a '.repeat(MOST_CHARACTERS / 2 + 1)],
    ['syllables', '가나다라마바사'.repeat(MOST_CHARACTERS / 7 + 1)],
  ])('is found by its beginning: too many %s', (_name, text) => {
    const { postings, passages, isTruncated } = searchEntries({ name: 'n', text });
    expect(isTruncated).toBe(true);
    expect(postings.size).toBeLessThanOrEqual(MOST_TERMS + 1);
    expect(passages.join('')).toBe(text.slice(0, MOST_CHARACTERS));
  });
  it('is not what just fits', () => {
    const terms = Array.from({ length: MOST_TERMS }, (_, at) => `t${at}`).join(' ');
    expect(searchEntries({ name: 'n', text: terms }).isTruncated).toBe(false);
    expect(searchEntries({ name: 'n', text: 'a'.repeat(MOST_CHARACTERS) }).isTruncated).toBe(false);
  });
});

it('keys stay within what DynamoDB takes, whatever the words are', () => {
  const text = ['\ufdfa'.repeat(300), '𝒜'.repeat(300), '가'.repeat(300), '😀', '\ud800'].join(' ');
  for (const token of searchEntries({ name: text, text }).postings.keys()) {
    expect(Buffer.byteLength(token)).toBeLessThan(512);
    expect(token.isWellFormed()).toBe(true);
    expect(token).not.toContain('#');
  }
});
