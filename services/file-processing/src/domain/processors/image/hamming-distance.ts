/**
 * In how many bits two perceptual hashes differ, 0 to 64. Up to 10 the pictures are likely the same
 * one in another size, quality or format.
 *
 * @param a 64 bits in hexadecimal
 * @param b likewise
 */
export function hammingDistance(a: string, b: string): number {
  let rest = BigInt(`0x${a}`) ^ BigInt(`0x${b}`);
  let distance = 0;
  for (; rest !== 0n; rest &= rest - 1n) distance += 1;
  return distance;
}
