import { murmur128 } from './murmur.ts';

const LONGEST_AT_ONCE = 4_096;
const buffer = new Uint8Array(LONGEST_AT_ONCE);
const view = new DataView(buffer.buffer);
const encoder = new TextEncoder();

/**
 * Of the text's UTF-8, so lone surrogates are all the same. FROZEN: stored sketches would take members
 * that they know for new ones.
 *
 * @param into its first two words are the 64 bits of the hash.
 */
export function hashText(text: string, into: Uint32Array): void {
  if (text.length * 3 <= LONGEST_AT_ONCE) {
    const { written } = encoder.encodeInto(text, buffer);
    murmur128(view, written, 0, into);
    return;
  }
  const bytes = encoder.encode(text);
  murmur128(new DataView(bytes.buffer), bytes.length, 0, into);
}
