/**
 * Sequence numbers of Kinesis and DynamoDB Streams are decimal integers of up to 40 or 56 digits,
 * beyond a double: compared here as text of equal meaning. Negative: `left` is the older.
 */
export function compareSequenceNumbers(left: string, right: string): number {
  const a = left.replace(/^0+(?=.)/, '');
  const b = right.replace(/^0+(?=.)/, '');
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

export function lowestSequenceNumber(sequences: readonly string[]): string | undefined {
  return sequences.reduce<string | undefined>(
    (lowest, one) =>
      lowest === undefined || compareSequenceNumbers(one, lowest) < 0 ? one : lowest,
    undefined,
  );
}
