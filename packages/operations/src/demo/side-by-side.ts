/**
 * Works through `items` with at most `width` of them under way, results in the order of the items.
 * Each request that waits beside others costs a local function instance; the demo shows latencies
 * rather than start-up times.
 */
export async function sideBySide<T, R>(
  width: number,
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(width, items.length) }, async () => {
      while (next < items.length) {
        const index = next;
        next += 1;
        results[index] = await work(items[index] as T, index);
      }
    }),
  );
  return results;
}
