import sharp, { type SharpOptions } from 'sharp';

export const RED = { r: 220, g: 20, b: 20 };
export const BLUE = { r: 20, g: 20, b: 220 };

/** Left half red, right half blue: shows how a picture was turned. */
export async function twoColoured(width: number, height: number) {
  const half = { create: { width: Math.floor(width / 2), height, channels: 3, background: RED } };
  const left = await sharp(half as SharpOptions)
    .png()
    .toBuffer();
  return sharp({ create: { width, height, channels: 3, background: BLUE } }).composite([
    { input: left, left: 0, top: 0 },
  ]);
}

/** Many details, so that the bytes are worth cutting. */
export function noise(width: number, height: number): Promise<Buffer> {
  let seed = 7;
  const pixels = Buffer.alloc(width * height * 3);
  for (let at = 0; at < pixels.length; at += 1) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    pixels[at] = seed >> 16;
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg()
    .toBuffer();
}

/** The colour of one pixel. */
export async function colourAt(picture: Uint8Array, x: number, y: number): Promise<'red' | 'blue'> {
  const raw = sharp(picture).removeAlpha().toColourspace('srgb').raw();
  const { data, info } = await raw.toBuffer({ resolveWithObject: true });
  const at = (y * info.width + x) * info.channels;
  return (data[at] ?? 0) > (data[at + 2] ?? 0) ? 'red' : 'blue';
}
