import { latinLanguage } from './latin-languages.ts';

/** Code units that are looked at: a post says soon what language it is in. */
const SAMPLE = 400;

/** Koreans quote English, and say more with a syllable than English with a letter. */
const HANGUL_SHARE = 0.2;

/** Scripts that one language of today's posts mostly is written in. */
const SCRIPTS: readonly (readonly [RegExp, string])[] = [
  [/[ґєії]/iu, 'uk'],
  [/\p{Script=Cyrillic}/u, 'ru'],
  [/[پچژگ]/u, 'fa'],
  [/\p{Script=Arabic}/u, 'ar'],
  [/\p{Script=Hebrew}/u, 'he'],
  [/\p{Script=Greek}/u, 'el'],
  [/\p{Script=Thai}/u, 'th'],
  [/\p{Script=Devanagari}/u, 'hi'],
  [/\p{Script=Bengali}/u, 'bn'],
  [/\p{Script=Tamil}/u, 'ta'],
  [/\p{Script=Georgian}/u, 'ka'],
  [/\p{Script=Armenian}/u, 'hy'],
];

export const UNKNOWN_LANGUAGE = 'und';

/**
 * ISO 639-1 (639-2 where there is no shorter code), or `und`.
 *
 * @param declared BCP 47, as the producer says; what it says goes before what is detected.
 * @param text without addresses and names.
 */
export function languageOf(text: string, declared: string | undefined): string {
  return declaredLanguage(declared) ?? detectedLanguage(text.slice(0, SAMPLE)) ?? UNKNOWN_LANGUAGE;
}

function declaredLanguage(tag: string | undefined): string | undefined {
  if (tag === undefined) return undefined;
  try {
    const { language } = new Intl.Locale(tag);
    return language === 'und' ? undefined : language;
  } catch {
    return undefined;
  }
}

function detectedLanguage(sample: string): string | undefined {
  const letters = sample.match(/\p{L}/gu)?.length ?? 0;
  if (letters === 0) return undefined;
  const hangul = sample.match(/\p{Script=Hangul}/gu)?.length ?? 0;
  if (hangul > 0 && hangul >= letters * HANGUL_SHARE) return 'ko';
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(sample)) return 'ja';
  const latin = sample.match(/\p{Script=Latin}/gu)?.length ?? 0;
  if (latin > letters / 2) return latinLanguage(sample);
  if (/\p{Script=Han}/u.test(sample)) return 'zh';
  return SCRIPTS.find(([script]) => script.test(sample))?.[1];
}
