const C1 = 0x239b961b;
const C2 = 0xab0e9789;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93;

/**
 * MurmurHash3 x86_128 (Austin Appleby, public domain): its tests of distribution are public, and it
 * needs no numbers beyond 32 bits, which JavaScript multiplies fast.
 *
 * @param data little endian; of its last word, and behind `length`, nothing has to be zero.
 * @param into takes the four words of the hash.
 */
export function murmur128(data: DataView, length: number, seed: number, into: Uint32Array): void {
  let h1 = seed;
  let h2 = seed;
  let h3 = seed;
  let h4 = seed;
  const whole = length - (length % 16);
  for (let at = 0; at < whole; at += 16) {
    h1 ^= mix1(data.getInt32(at, true));
    h1 = (Math.imul(rotate(h1, 19) + h2, 5) + 0x561ccd1b) | 0;
    h2 ^= mix2(data.getInt32(at + 4, true));
    h2 = (Math.imul(rotate(h2, 17) + h3, 5) + 0x0bcaa747) | 0;
    h3 ^= mix3(data.getInt32(at + 8, true));
    h3 = (Math.imul(rotate(h3, 15) + h4, 5) + 0x96cd1c35) | 0;
    h4 ^= mix4(data.getInt32(at + 12, true));
    h4 = (Math.imul(rotate(h4, 13) + h1, 5) + 0x32ac3b17) | 0;
  }
  h1 ^= mix1(lastWord(data, whole, length)) ^ length;
  h2 ^= mix2(lastWord(data, whole + 4, length)) ^ length;
  h3 ^= mix3(lastWord(data, whole + 8, length)) ^ length;
  h4 ^= mix4(lastWord(data, whole + 12, length)) ^ length;
  h1 = (h1 + h2 + h3 + h4) | 0;
  h2 = finalMix((h2 + h1) | 0);
  h3 = finalMix((h3 + h1) | 0);
  h4 = finalMix((h4 + h1) | 0);
  h1 = finalMix(h1);
  h1 = (h1 + h2 + h3 + h4) | 0;
  into[0] = h1;
  into[1] = h2 + h1;
  into[2] = h3 + h1;
  into[3] = h4 + h1;
}

/** The bytes from `at` that lie before the end, at most four; zero where there are none. */
function lastWord(data: DataView, at: number, end: number): number {
  if (at + 4 <= end) return data.getInt32(at, true);
  let word = 0;
  for (let byte = end - 1; byte >= at; byte -= 1) word = (word << 8) | data.getUint8(byte);
  return word;
}

function mix1(word: number): number {
  return Math.imul(rotate(Math.imul(word, C1), 15), C2);
}

function mix2(word: number): number {
  return Math.imul(rotate(Math.imul(word, C2), 16), C3);
}

function mix3(word: number): number {
  return Math.imul(rotate(Math.imul(word, C3), 17), C4);
}

function mix4(word: number): number {
  return Math.imul(rotate(Math.imul(word, C4), 18), C1);
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

function finalMix(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
