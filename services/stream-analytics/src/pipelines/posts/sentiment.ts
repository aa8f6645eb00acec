import { emojiScore } from './emoji.ts';
import { englishScore } from './english-sentiment.ts';
import { koreanScore } from './korean-sentiment.ts';

export interface Sentiment {
  /** Above zero: glad. A whole number from −`MOST_SCORE` to `MOST_SCORE`. */
  readonly score: number;
  /** `unknown` where the language is one that we cannot read. */
  readonly polarity: 'positive' | 'neutral' | 'negative' | 'unknown';
}

/** One long complaint must not outweigh the others. */
export const MOST_SCORE = 10;

/** @param text without addresses, hashtags and mentions. */
export function sentimentOf(text: string, language: string): Sentiment {
  const words = wordScore(text, language);
  if (words === undefined) return { score: 0, polarity: 'unknown' };
  // Faces laugh and cry for many reasons: they decide only where words do not.
  const sum = words === 0 ? emojiScore(text) : words;
  const score = Math.max(-MOST_SCORE, Math.min(MOST_SCORE, sum));
  return { score, polarity: score > 0 ? 'positive' : score < 0 ? 'negative' : 'neutral' };
}

function wordScore(text: string, language: string): number | undefined {
  switch (language) {
    case 'en':
      return englishScore(text);
    case 'ko':
      // Koreans mix English in; English posts that quote Korean are about it.
      return koreanScore(text) + englishScore(text);
    default:
      return undefined;
  }
}
