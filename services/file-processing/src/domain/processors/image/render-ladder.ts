import sharp, { type OutputInfo, type Sharp, type SharpOptions } from 'sharp';
import type { Rendered } from '../../ports.ts';
import { ENCODING, type Rung, rungsFor } from './ladder.ts';

interface Pixels {
  readonly data: Buffer;
  readonly info: OutputInfo;
}

/**
 * Decodes once, to the widest rung, and makes each further rung of the pixels of the one before:
 * more than twice as fast as decoding for each. Pixels carry no metadata, so none is published; the
 * EXIF orientation is applied and the colours are converted to sRGB on the way.
 *
 * @param width of the picture, after orientation
 */
export async function renderLadder(
  bytes: Uint8Array,
  decoding: SharpOptions,
  width: number,
): Promise<Rendered[]> {
  const [widest, ...others] = rungsFor(width);
  if (!widest) return [];
  let pixels = await shrink(sharp(bytes, decoding).autoOrient().toColourspace('srgb'), widest);
  const renditions = [await encode(pixels, widest)];
  for (const rung of others) {
    pixels = await shrink(picture(pixels), rung);
    renditions.push(await encode(pixels, rung));
  }
  return renditions;
}

function shrink(source: Sharp, { width }: Rung): Promise<Pixels> {
  return source
    .resize({ width, height: ENCODING.maxHeight, fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
}

async function encode(pixels: Pixels, { name }: Rung): Promise<Rendered> {
  const bytes = await picture(pixels).webp(ENCODING.options).toBuffer();
  const { width, height } = pixels.info;
  const { mediaType: contentType, extension } = ENCODING;
  return { name, contentType, extension, width, height, bytes };
}

function picture({ data, info: { width, height, channels } }: Pixels): Sharp {
  return sharp(data, { raw: { width, height, channels } });
}
