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

/** Like a photograph: much at large scales, little at small ones, and the noise of a sensor. A JPEG. */
export async function photo(width: number, height: number, seed = 7): Promise<Buffer> {
  let state = seed;
  const random = () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648 - 0.5;
  };
  const sum = new Float32Array(width * height * 3).fill(128);
  for (let cells = 4; cells <= width; cells *= 2) {
    const rows = Math.max(1, Math.round((cells * height) / width));
    const layer = Buffer.from(Array.from({ length: cells * rows * 3 }, () => 128 + random() * 255));
    const pixels = await sharp(layer, { raw: { width: cells, height: rows, channels: 3 } })
      .resize(width, height, { fit: 'fill', kernel: 'cubic' })
      .raw()
      .toBuffer();
    // Natural pictures: contrast falls with the frequency.
    const contrast = 2.4 / Math.sqrt(cells);
    for (let at = 0; at < sum.length; at += 1) {
      sum[at] = (sum[at] ?? 0) + ((pixels[at] ?? 128) - 128) * contrast;
    }
  }
  return sharp(Buffer.from(Uint8ClampedArray.from(sum)), { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 88 })
    .toBuffer();
}
