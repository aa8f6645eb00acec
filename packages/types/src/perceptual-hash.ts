/** 64 bits, as 16 hexadecimal digits. */
const HASH = /^[0-9a-f]{16}$/i;
const BAND_BITS = 16;
const BAND_DIGITS = BAND_BITS / 4;

export function isPerceptualHash(text: string): boolean {
  return HASH.test(text);
}

/** All even surfaces share this hash, whatever their colour: they are not alike for it. */
const OF_EVEN_SURFACES = /^0+$/;

/** Whether pictures with this hash can be told from others by it. */
export function tellsPictures(hash: string): boolean {
  return isPerceptualHash(hash) && !OF_EVEN_SURFACES.test(hash);
}

/** In how many of their 64 bits two perceptual hashes differ. */
export function hammingDistance(one: string, other: string): number {
  let differing = BigInt(`0x${one}`) ^ BigInt(`0x${other}`);
  let distance = 0;
  for (; differing > 0n; differing &= differing - 1n) distance += 1;
  return distance;
}

/**
 * Hashes that differ in at most so many bits are found surely: of 4 bands at least one differs in no
 * more than one bit then, and for that each band is looked for with each of its bits turned.
 */
export const MOST_DISTANCE = 7;

/** Under which bands a hash is kept: `<band>-<16 bits in hexadecimal>`. */
export function bandsOf(hash: string): string[] {
  return bandValuesOf(hash).map(bandName);
}

/** Under which bands the hashes within `MOST_DISTANCE` lie: 4 × (1 + 16). */
export function bandsNear(hash: string): string[] {
  return bandValuesOf(hash).flatMap((value, band) => [
    bandName(value, band),
    ...Array.from({ length: BAND_BITS }, (_, bit) => bandName(value ^ (1 << bit), band)),
  ]);
}

function bandValuesOf(hash: string): number[] {
  return Array.from({ length: hash.length / BAND_DIGITS }, (_, band) =>
    Number.parseInt(hash.slice(band * BAND_DIGITS, (band + 1) * BAND_DIGITS), 16),
  );
}

function bandName(value: number, band: number): string {
  return `${band}-${value.toString(16).padStart(BAND_DIGITS, '0')}`;
}
