/**
 * Whether an MQTT topic filter matches: `+` stands for one level, a final `#` for the level before
 * it and everything below. A filter that begins with a wildcard never matches topics that begin
 * with `$` (MQTT 3.1.1, 4.7.2).
 */
export function topicMatches(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false;
  const wanted = filter.split('/');
  const levels = topic.split('/');
  for (const [index, want] of wanted.entries()) {
    if (want === '#') return index === wanted.length - 1;
    if (index >= levels.length) return false;
    if (want !== '+' && want !== levels[index]) return false;
  }
  return wanted.length === levels.length;
}

/** Why the text is no topic filter, or `undefined` when it is one. */
export function topicFilterProblem(filter: string): string | undefined {
  const levels = filter.split('/');
  if (filter === '') return 'the topic filter is empty';
  for (const [index, level] of levels.entries()) {
    if (level.includes('#') && (level !== '#' || index !== levels.length - 1)) {
      return '# stands alone at the end of a topic filter';
    }
    if (level.includes('+') && level !== '+') return '+ stands alone in its level';
  }
  return undefined;
}
