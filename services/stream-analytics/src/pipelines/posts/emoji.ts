/** What posts often say without words. */
const GLAD = '😀😃😄😁😆😊🙂😍🥰😘😋😎🤩🥳😇🤗👍👏🙌🎉💖💕💗💙💚💛💜🧡❤♥💯✨🌟😻🤣😂';
const SAD = '😠😡🤬😞😔😟🙁☹😣😖😫😩😢😭😤😱😨😰🤢🤮👎💔😒🙄😑😿';

const SCORES = new Map<string, number>([
  ...[...GLAD].map((emoji) => [emoji, 2] as const),
  ...[...SAD].map((emoji) => [emoji, -2] as const),
]);

/** ASCII and Korean ones, in this order: `:)` `^^` and `:(` `ㅠㅠ` `ㅡㅡ`. */
const FACES: readonly (readonly [RegExp, number])[] = [
  [/(?<!\S)[:;=]-?[)D]+(?!\S)|\^[_.]?\^|(?<!\S)<3/gu, 2],
  [/(?<!\S)[:;=]['’]?-?\(+(?!\S)|[ㅠㅜ]{2,}|[Tㅜㅠ]_[Tㅜㅠ]|ㅡ[_.]?ㅡ/gu, -2],
];

/** Repeating says it louder, but not more. */
export function emojiScore(text: string): number {
  const found = new Set<string>();
  for (const character of text) if (SCORES.has(character)) found.add(character);
  let score = [...found].reduce((sum, emoji) => sum + (SCORES.get(emoji) ?? 0), 0);
  for (const [face, worth] of FACES) if (text.search(face) >= 0) score += worth;
  return Math.max(-3, Math.min(3, score));
}
