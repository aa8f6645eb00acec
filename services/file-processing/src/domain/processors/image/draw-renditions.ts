import sharp from 'sharp';
import type { Artefact } from '../../processor.ts';
import { MAX_HEIGHT, type RenditionFormat, type Rung, rungsFor } from './ladder.ts';
import { DECODING, type Pixels, picture, shrink } from './pixels.ts';

export interface Drawn {
  /** In the order in which they are shown: the format that all browsers know first. */
  readonly renditions: readonly Artefact[];
  /** The narrowest rung: what is learnt of the whole picture is learnt from these few pixels. */
  readonly smallest: Pixels;
}

/**
 * Decodes once, to the widest rung, and makes each further rung of the pixels of the one before.
 * Pixels carry no metadata, so none is published; the EXIF orientation is applied and the colours
 * are converted to sRGB on the way.
 *
 * @param width of the picture, after orientation
 */
export async function drawRenditions(
  bytes: Uint8Array,
  width: number,
  signal: AbortSignal,
): Promise<Drawn> {
  const [widest, ...others] = rungsFor(width);
  const source = sharp(bytes, DECODING).autoOrient().toColourspace('srgb');
  let smallest = await shrink(source, boxOf(widest));
  const encoded = [await encodeAll(smallest, widest)];
  for (const rung of others) {
    signal.throwIfAborted();
    smallest = await shrink(picture(smallest), boxOf(rung));
    encoded.push(await encodeAll(smallest, rung));
  }
  const renditions = encoded.flat().toSorted((a, b) => formatOrder(a) - formatOrder(b));
  return { renditions, smallest };
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
