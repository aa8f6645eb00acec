/**
 * How a stem of a verb or adjective begins when it is written with its endings. Syllables are taken
 * apart into letters (Unicode NFD, section 3.12), so that the beginning 나쁘 is that of 나쁜, too.
 */
export function beginningsOfForms(stem: string): string[] {
  const letters = stem.normalize('NFD');
  const without = letters.slice(0, -1);
  const more = FORMS[letters.at(-1) ?? '']?.map((ending) => without + ending) ?? [];
  if (letters.endsWith(REU) && letters.length > REU.length) {
    // 빠르다: 빨라.
    const before = letters.slice(0, -REU.length);
    more.push(`${before}ᆯ라`.normalize('NFD'), `${before}ᆯ러`.normalize('NFD'));
  }
  // 편하다: 편해.
  if (letters.endsWith(HA)) more.push(`${without}ᅢ`);
  return [letters, ...more];
}

const REU = '르'.normalize('NFD');
const HA = '하'.normalize('NFD');

/** By the last letter of a stem: what stands in its place before some endings. */
const FORMS: Readonly<Record<string, readonly string[]>> = {
  // 나쁘다: 나빠. 슬프다: 슬퍼.
  ᅳ: ['ᅡ', 'ᅥ'],
  // 멋지다: 멋져.
  ᅵ: ['ᅧ'],
  // 멈추다: 멈춰.
  ᅮ: ['ᅯ'],
  ᅩ: ['ᅪ'],
  // 되다: 돼.
  ᅬ: ['ᅫ'],
  // 아름답다: 아름다운, 아름다워. 돕다: 도와.
  ᆸ: ['우', '워', '와'].map((syllable) => syllable.normalize('NFD')),
  // 힘들다: 힘든, 힘듭니다, 힘드네.
  ᆯ: ['ᆫ', 'ᆸ', 'ᄂ', 'ᄉ'],
  // 낫다: 나은, 나아.
  ᆺ: ['으', '아'].map((syllable) => syllable.normalize('NFD')),
};
