import sharp, { type OutputInfo, type Sharp, type SharpOptions } from 'sharp';

// One picture at a time: more threads would only share the one or two processors of the function,
// and libvips' cache would keep pixels that no other picture needs.
sharp.concurrency(1);
sharp.cache(false);

/** Decoded, 100 megapixels are 400 MB: what the memory of the function can hold. */
export const MAX_PIXELS = 100_000_000;

export const DECODING: SharpOptions = {
  limitInputPixels: MAX_PIXELS,
  // Damaged or truncated data is refused; harmless warnings (stray bytes between markers) are not.
  failOn: 'error',
};

/** A decoded picture: 8 bits a channel, 1 to 4 channels, rows from the top. */
export interface Pixels {
  readonly data: Buffer;
  readonly info: Pick<OutputInfo, 'width' | 'height' | 'channels'>;
}

export interface Box {
  readonly width: number;
  readonly height: number;
}

/** The picture as it fits into the box, never enlarged. */
export async function shrink(source: Sharp, { width, height }: Box): Promise<Pixels> {
  return source
    .resize({ width, height, fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
}

export function picture({ data, info: { width, height, channels } }: Pixels): Sharp {
  return sharp(data, { raw: { width, height, channels } });
}
