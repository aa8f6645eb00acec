import sharp, { type Sharp } from 'sharp';
import type { Artefact } from '../../processor.ts';
import { MAX_HEIGHT, type RenditionFormat, type Rung, rungsFor } from './ladder.ts';
import { DECODING, type Pixels, picture, shrink } from './pixels.ts';
import { placeholder } from './placeholder.ts';

export interface Drawn {
  readonly renditions: readonly Artefact[];
  /** The narrowest rung: what is learnt of the whole picture is learnt from these few pixels. */
  readonly smallest: Pixels;
  readonly placeholder: string;
}

/**
 * Decodes once, to the widest rung, and makes each further rung of the pixels of the one before, while
 * that one is encoded. Pixels carry no metadata, so none is published; the EXIF orientation is applied
 * and the colours are converted to sRGB on the way.
 *
 * @param width of the picture, after orientation
 */
export async function drawRenditions(
  bytes: Uint8Array,
  width: number,
  signal: AbortSignal,
): Promise<Drawn> {
  const source = sharp(bytes, DECODING).autoOrient().toColourspace('srgb');
  const drawn = await drawRungs(source, rungsFor(width), signal);
  // In the order in which they are shown: the format that all browsers know first.
  const renditions = drawn.renditions.toSorted((a, b) => formatOrder(a) - formatOrder(b));
  return { ...drawn, renditions };
}

async function drawRungs(
  source: Sharp,
  [rung, ...[next, ...others]]: readonly [Rung, ...Rung[]],
  signal: AbortSignal,
): Promise<Drawn> {
  const pixels = await shrink(source, boxOf(rung));
  signal.throwIfAborted();
  if (!next) {
    const [renditions, hint] = await Promise.all([encodeAll(pixels, rung), placeholder(pixels)]);
    return { renditions, smallest: pixels, placeholder: hint };
  }
  const [own, narrower] = await Promise.all([
    encodeAll(pixels, rung),
    drawRungs(picture(pixels), [next, ...others], signal),
  ]);
  return { ...narrower, renditions: [...own, ...narrower.renditions] };
}

const boxOf = ({ width }: Rung) => ({ width, height: MAX_HEIGHT });

const formatOrder = ({ contentType }: Artefact) => (contentType === 'image/webp' ? 0 : 1);

function encodeAll(pixels: Pixels, { name, formats }: Rung): Promise<Artefact[]> {
  return Promise.all(formats.map((format) => encode(pixels, name, format)));
}

async function encode(pixels: Pixels, name: string, format: RenditionFormat): Promise<Artefact> {
  const { suffix, contentType, extension } = format;
  const { width, height } = pixels.info;
  const body = await format.encode(picture(pixels)).toBuffer();
  return { name: `${name}${suffix}`, contentType, extension, width, height, body };
}
