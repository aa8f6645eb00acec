import { beginningsOfForms } from './korean-forms.ts';
import { STEM_SCORES } from './korean-lexicon.ts';

/** Letters of a word's beginning → score; with the whole word before, where only both say it. */
const SCORES = new Map<string, number>();
for (const [stem, score] of STEM_SCORES) {
  const [first = '', second] = stem.split('_');
  const before = second === undefined ? '' : `${first} `;
  for (const beginning of beginningsOfForms(second ?? first)) {
    const key = before + beginning;
    // What is listed goes before what is a form of something else.
    if (!SCORES.has(key) || beginning === (second ?? first).normalize('NFD')) {
      SCORES.set(key, score);
    }
  }
}
const LONGEST = Math.max(...[...SCORES.keys()].map((key) => key.length));

const WORD = /[가-힣]+|[.,!?…]/gu;
const NEGATORS = new Set(['안', '못']);
const LOUDER = new Set(
  '너무 너무너무 정말 정말로 진짜 진심 매우 아주 완전 훨씬 굉장히 엄청 무척 참 몹시 가장 제일'.split(
    ' ',
  ),
);
/** May stand between a noun and what denies it. */
const BETWEEN = new Set(
  '전혀 하나도 별로 거의 아예 조금도 그다지 딱히 크게 절대 결코 더'.split(' '),
);

/** Sum of what the words say (−3 to 4), turned round where they are denied and raised behind an adverb. */
export function koreanScore(text: string): number {
  const words = text.normalize('NFC').match(WORD) ?? [];
  let score = 0;
  for (let at = 0; at < words.length; at += 1) score += scoreAt(words, at);
  return score;
}

function scoreAt(words: readonly string[], at: number): number {
  const word = words[at] ?? '';
  const before = words[at - 1] ?? '';
  // Alone it stands for a whole sentence; before others it only denies with them.
  if (word === '별로' && /^[가-힣]/u.test(words[at + 1] ?? '')) return 0;
  let found = lookUp(word, before, words[at - 2] ?? '');
  let isDenied = NEGATORS.has(before);
  if (found === undefined && /^[안못]./u.test(word)) {
    // 안좋아요
    found = lookUp(word.slice(1), '', '');
    isDenied = true;
  }
  if (!found) return 0;
  if (isDeniedBehind(words, at)) isDenied = !isDenied;
  const louder = LOUDER.has(before) ? found + Math.sign(found) : found;
  return isDenied ? -louder : louder;
}

/** The longest beginning that says something, with the word before it or without. */
function lookUp(word: string, before: string, beforeThat: string): number | undefined {
  const letters = word.normalize('NFD').slice(0, LONGEST);
  const first = NEGATORS.has(before) || LOUDER.has(before) || before === '쏙' ? beforeThat : before;
  for (let length = letters.length; length > 0; length -= 1) {
    const beginning = letters.slice(0, length);
    const score = SCORES.get(`${first} ${beginning}`) ?? SCORES.get(beginning);
    if (score !== undefined) return score;
  }
  return undefined;
}

/** 좋지 않아요, 좋지않아요, 추천하고 싶지 않아요, 믿을 수 없어요, 재미가 하나도 없어요, 최고는 아니에요. */
function isDeniedBehind(words: readonly string[], at: number): boolean {
  const word = words[at] ?? '';
  let next = at + 1;
  if (/지(?:는|도|가|를)?(?:않|못)/u.test(word)) return !isUnavoidable(words, next, word);
  if (/고$/u.test(word) && /^싶[지진]/u.test(words[next] ?? '')) next += 1;
  if (/[지진]$|지[는도가를]$/u.test(words[next - 1] ?? '')) {
    const follows = words[next] ?? '';
    return /^[않못]/u.test(follows) && !isUnavoidable(words, next + 1, follows);
  }
  if (/^수[가는도]?$/u.test(words[next] ?? '')) return /^없/u.test(words[next + 1] ?? '');
  if (!/[이가은는도을를점]$/u.test(word) && !isBare(word)) return false;
  while (BETWEEN.has(words[next] ?? '')) next += 1;
  const follows = words[next] ?? '';
  if (/^(?:없|아니|아닙|아닌|아냐|않)/u.test(follows)) return true;
  return NEGATORS.has(follows) && /^[되돼됩된됐]/u.test(words[next + 1] ?? '');
}

/** 사랑하지 않을 수 없다: one cannot but love. */
function isUnavoidable(words: readonly string[], next: number, denial: string): boolean {
  return (
    /을$/u.test(denial) &&
    /^수[가는도]?$/u.test(words[next] ?? '') &&
    /^없/u.test(words[next + 1] ?? '')
  );
}

/** A noun without a particle. */
function isBare(word: string): boolean {
  return STEM_SCORES.has(word);
}
