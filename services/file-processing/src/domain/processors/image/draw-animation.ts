import sharp from 'sharp';
import type { Artefact } from '../../processor.ts';
import { type Box, DECODING, MAX_PIXELS } from './pixels.ts';

/** What a preview needs; longer animations are cut, wider ones shrunk. */
const MAX_FRAMES = 150;
const MAX_SIDE = 480;

/**
 * The animation as a WebP of bounded size, undefined where there is but one frame.
 *
 * @param size of a frame
 */
export async function drawAnimation(
  bytes: Uint8Array,
  frames: number,
  { width, height }: Box,
): Promise<Artefact | undefined> {
  const pages = Math.min(frames, MAX_FRAMES, Math.floor(MAX_PIXELS / (width * height)));
  if (pages < 2) return undefined;
  const { data, info } = await sharp(bytes, { ...DECODING, pages })
    .resize({ width: MAX_SIDE, height: MAX_SIDE, fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 70, effort: 0 })
    .toBuffer({ resolveWithObject: true });
  return {
    name: 'animated',
    contentType: 'image/webp',
    extension: 'webp',
    width: info.width,
    height: info.pageHeight ?? info.height,
    body: data,
  };
}
