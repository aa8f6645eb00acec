import { createHash } from 'node:crypto';

/**
 * A number in [0, 1) that depends on the seed and the parts and on nothing else: who asks first, or
 * at the same time, changes no answer. SHA-256 in the counter's place of a generator: its first 48
 * bits are uniform, and unrelated for keys that differ in one character.
 */
export function draw(seed: number, ...parts: readonly (string | number)[]): number {
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, ...parts]))
    .digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}

/** The place of `share` (of 1) within a span. */
export function within([from, to]: readonly [number, number], share: number): number {
  return from + (to - from) * share;
}

/** Short and stable, for keys that are kept. */
export function fingerprint(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}
