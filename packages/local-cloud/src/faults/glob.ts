/** Whether the whole text fits: `*` stands for any text (also none), `?` for one character. */
export function matchesGlob(pattern: string, text: string): boolean {
  if (pattern === '*') return true;
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}
