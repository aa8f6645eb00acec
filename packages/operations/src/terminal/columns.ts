/** Terminals show Hangul and other wide characters in two columns. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const { segment } of new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)) {
    width +=
      /\p{Script=Hangul}|\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Emoji_Presentation}/u.test(
        segment,
      )
        ? 2
        : 1;
  }
  return width;
}

/**
 * Rows as lines whose columns begin at the same place, two spaces apart.
 * @param right numbers of the columns whose cells stand to the right
 */
export function alignRows(
  rows: readonly (readonly string[])[],
  right: ReadonlySet<number>,
): string[] {
  const columns = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const widths = Array.from({ length: columns }, (_, column) =>
    rows.reduce((widest, row) => Math.max(widest, displayWidth(row[column] ?? '')), 0),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const space = ' '.repeat((widths[column] ?? 0) - displayWidth(cell));
        return right.has(column) ? space + cell : cell + space;
      })
      .join('  '),
  );
}
