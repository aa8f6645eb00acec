import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MOST_TERMS, postTerms } from '../../../src/pipelines/posts/terms.ts';

test.each([
  ['The payment failed and the payment page crashed', ['payment', 'failed', 'page', 'crashed']],
  ['결제를 두 번 했는데 결제가 안 됩니다', ['결제']],
  ['서울에서 부산까지 열차로', ['서울', '부산', '열차']],
  ['新しいカードのデザイン', ['カード', 'デザイン']],
  ['ㅋㅋㅋㅋ ㅠㅠ 2026 1 a', []],
  ['constructor __proto__', ['constructor', 'proto']],
])('%s', (text, terms) => {
  expect(postTerms(text)).toEqual(terms);
});

test('of any text a bounded number of short terms, each once', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
      const terms = postTerms(text);
      expect(new Set(terms).size).toBe(terms.length);
      expect(terms.length).toBeLessThanOrEqual(MOST_TERMS);
      for (const term of terms) expect(Buffer.byteLength(term)).toBeLessThanOrEqual(256);
    }),
  );
});
