/** A generator of our own (a 32-bit Weyl sequence, mixed), so that a seed gives the same anywhere. */
export function randomOf(seed: number) {
  let state = seed;
  function uniform(): number {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  }
  /** By the method of Box and Muller. */
  function normal(): number {
    return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  }
  /** Whole numbers from 0, of which n comes about as often as 1 / (n + 1). */
  function zipf(most: number): number {
    return Math.floor((most + 1) ** uniform()) - 1;
  }
  return { uniform, normal, zipf };
}
