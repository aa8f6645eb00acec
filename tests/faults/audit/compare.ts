/** Says in lines how two collections of the same kind differ; none when they are equal. */
export function differences(
  what: string,
  actual: ReadonlyMap<string, unknown>,
  expected: ReadonlyMap<string, unknown>,
): string[] {
  const keys = new Set([...expected.keys(), ...actual.keys()]);
  return [...keys].flatMap((key) => {
    const [is, should] = [stable(actual.get(key)), stable(expected.get(key))];
    return is === should ? [] : [`${what} ${key}: is ${is}, should be ${should}`];
  });
}

/** How often each text occurs. */
export function tally(texts: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

function stable(value: unknown): string {
  if (value === undefined) return 'missing';
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
