import sharp, { type Metadata } from 'sharp';
import type { Artefact } from '../../processor.ts';
import { animatedWebp, type Frame } from './animated-webp.ts';
import { type Area, changedArea } from './changed-area.ts';
import { DECODING, MAX_PIXELS, type Pixels, picture } from './pixels.ts';

/** What a preview needs; longer animations are cut, wider ones shrunk. */
const MAX_FRAMES = 150;
const MAX_SIDE = 480;

/**
 * The animation as a WebP of bounded size, undefined where there is but one frame.
 *
 * Frames are encoded one by one: an encoder of animations takes what changes little from one frame to the
 * next for unchanged, so that slow changes add up to frames that are plainly wrong.
 */
export async function drawAnimation(
  bytes: Uint8Array,
  { pages: frames = 1, delay, loop = 0, autoOrient: size }: Metadata,
  signal: AbortSignal,
): Promise<Artefact | undefined> {
  const pages = Math.min(frames, MAX_FRAMES, Math.floor(MAX_PIXELS / (size.width * size.height)));
  if (pages < 2 || !delay) return undefined;
  const pictures = await decode(bytes, pages);
  const [{ width, height, channels }] = [pictures[0].info];
  const drawn: Frame[] = [];
  let shown: Pixels | undefined;
  for (const [at, pixels] of pictures.entries()) {
    signal.throwIfAborted();
    const whole = { x: 0, y: 0, width, height };
    const area = shown ? changedArea(shown, pixels) : whole;
    const durationMs = delay[at] ?? 0;
    const last = drawn.at(-1);
    if (area) drawn.push({ ...area, durationMs, webp: await encode(pixels, area) });
    else if (last) drawn[drawn.length - 1] = { ...last, durationMs: last.durationMs + durationMs };
    shown = pixels;
  }
  return {
    ...{ name: 'animated', contentType: 'image/webp', extension: 'webp', width, height },
    body: animatedWebp({ width, height, loop, hasAlpha: channels === 4, frames: drawn }),
  };
}

/** All frames of one size, as they are shown: those of a file may be parts that lie upon the one before. */
async function decode(bytes: Uint8Array, pages: number): Promise<[Pixels, ...Pixels[]]> {
  const { data, info } = await sharp(bytes, { ...DECODING, pages })
    .resize({ width: MAX_SIDE, height: MAX_SIDE, fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const frame = { ...info, height: info.pageHeight ?? info.height / pages };
  const size = data.length / pages;
  const pictureAt = (at: number) => ({
    data: data.subarray(at * size, (at + 1) * size),
    info: frame,
  });
  return [pictureAt(0), ...Array.from({ length: pages - 1 }, (_, at) => pictureAt(at + 1))];
}

const encode = (pixels: Pixels, { x: left, y: top, width, height }: Area) =>
  picture(pixels).extract({ left, top, width, height }).webp({ quality: 70, effort: 0 }).toBuffer();
