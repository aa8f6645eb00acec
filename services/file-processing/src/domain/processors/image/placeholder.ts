import { type Pixels, picture } from './pixels.ts';

const SIDE = 16;

/** A picture of 16 pixels as a `data:` URL of some 100 to 400 characters: WebP keeps it short, alpha too. */
export async function placeholder(pixels: Pixels): Promise<string> {
  const bytes = await picture(pixels)
    .resize({ width: SIDE, height: SIDE, fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 30, alphaQuality: 30, effort: 0 })
    .toBuffer();
  return `data:image/webp;base64,${bytes.toString('base64')}`;
}
