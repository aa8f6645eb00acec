import sharp from 'sharp';
import { MAX_PIXELS } from '../pixels.ts';
import { checkSvg } from './check-svg.ts';
import { type Raster, type Rasterized, rasterize } from './rasterize.ts';
import { UnsafeSvg } from './unsafe-svg.ts';

/**
 * An SVG as PNG, drawn only when nothing in it can load or explode.
 *
 * @throws UnsafeSvg, MalformedSvg; Error when it cannot be drawn
 */
export async function drawSvg(
  bytes: Uint8Array,
  raster: Raster,
  signal: AbortSignal,
): Promise<Rasterized> {
  await checkEmbedded(checkSvg(bytes));
  return rasterize(bytes, raster, signal);
}

/** librsvg decodes them all, whatever size they claim to be drawn in. */
async function checkEmbedded(pictures: readonly string[]): Promise<void> {
  let pixels = 0;
  for (const base64 of pictures) {
    const { width, height } = await sharp(Buffer.from(base64, 'base64')).metadata();
    pixels += width * height;
    if (pixels > MAX_PIXELS) throw new UnsafeSvg('holds pictures of too many pixels');
  }
}
