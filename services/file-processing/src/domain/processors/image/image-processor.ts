import type { Reason } from '@millrace/types';
import sharp, { type SharpOptions } from 'sharp';
import type { Processed, Processor } from '../processor.ts';
import { renderLadder } from './render-ladder.ts';

// One picture at a time: more threads would only share the one or two processors of the function,
// and libvips' cache would keep pixels that no other picture needs.
sharp.concurrency(1);
sharp.cache(false);

/** Decoded, 100 megapixels are 400 MB: what the memory of the function can hold. */
const MAX_PIXELS = 100_000_000;

const DECODING: SharpOptions = {
  limitInputPixels: MAX_PIXELS,
  // Damaged or truncated data is refused; harmless warnings (stray bytes between markers) are not.
  failOn: 'error',
};

/** Media types as sniffed, and what the facts call the format. */
const FORMATS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpeg',
  'image/png': 'png',
  'image/apng': 'png',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'image/tiff': 'tiff',
  'image/avif': 'avif',
};

const corrupt: Reason = {
  code: 'corrupt_image',
  message: 'The picture is damaged or incomplete. Check that it opens and upload it again.',
};
const tooManyPixels: Reason = {
  code: 'too_large',
  message: `The picture has more than ${MAX_PIXELS / 1e6} megapixels. Upload a smaller one.`,
};

export const imageProcessor: Processor = {
  accepts: 'JPEG, PNG, WebP, GIF, TIFF and AVIF pictures',
  mediaTypes: Object.keys(FORMATS),
  maxBytes: 50 * 1024 * 1024,
  async process(bytes, mediaType): Promise<Processed> {
    try {
      const { width, height } = (await sharp(bytes, DECODING).metadata()).autoOrient;
      const renditions = await renderLadder(bytes, DECODING, width);
      const format = FORMATS[mediaType] ?? mediaType;
      return { kind: 'processed', image: { format, width, height }, renditions };
    } catch (error) {
      return { kind: 'rejected', reason: reasonOf(error) };
    }
  },
};

/** libvips tells what is wrong only in words. */
function reasonOf(error: unknown): Reason {
  if (!(error instanceof Error) || error.name !== 'Error') throw error;
  if (/out of memory|unable to allocate|cannot allocate/i.test(error.message)) throw error;
  return /exceeds pixel limit/i.test(error.message) ? tooManyPixels : corrupt;
}
