import { type Processed, rejected } from '../../processor.ts';
import { MAX_PIXELS } from './pixels.ts';

export const corrupt = rejected(
  'corrupt_image',
  'The picture is damaged or incomplete. Check that it opens and upload it again.',
);
export const tooManyPixels = rejected(
  'too_large',
  `The picture has more than ${MAX_PIXELS / 1e6} megapixels. Upload a smaller one.`,
);
export const heicNotSupported = rejected(
  'heic_not_supported',
  'HEIC pictures cannot be read here. Export the picture as JPEG (iPhone: Settings, Camera, Formats, Most Compatible) and upload that.',
);

/**
 * What a failure to decode means. libvips tells what is wrong only in words.
 *
 * @throws the error, where another attempt may succeed or ours is the fault
 */
export function verdictOn(error: unknown): Processed {
  if (!(error instanceof Error) || error.name !== 'Error') throw error;
  if (/out of memory|unable to allocate|cannot allocate/i.test(error.message)) throw error;
  return /exceeds pixel limit/i.test(error.message) ? tooManyPixels : corrupt;
}
