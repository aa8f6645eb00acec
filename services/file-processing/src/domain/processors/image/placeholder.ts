import { type Pixels, picture, shrink } from './pixels.ts';

const BOX = { width: 16, height: 16 };

/** A picture of 16 pixels as a `data:` URL of some 100 to 400 characters: WebP keeps it short, alpha too. */
export async function placeholder(pixels: Pixels): Promise<string> {
  const tiny = await shrink(picture(pixels), BOX);
  const bytes = await picture(tiny).webp({ quality: 30, alphaQuality: 30 }).toBuffer();
  return `data:image/webp;base64,${bytes.toString('base64')}`;
}
