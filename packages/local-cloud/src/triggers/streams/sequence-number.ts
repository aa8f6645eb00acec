/**
 * Orders two sequence numbers of one shard (< 0: the first comes first). They are decimal numbers
 * of any length, 56 digits for Kinesis.
 */
export function compareSequence(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}
