import { hammingDistance } from '@millrace/types';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { photo, twoColoured } from '../../model/pictures.ts';
import { processed } from './make.ts';

async function hashOf(bytes: Uint8Array, mediaType = 'image/jpeg') {
  const { image, findable } = await processed(bytes, mediaType);
  expect(findable).toEqual({ perceptualHash: image.perceptualHash });
  expect(image.perceptualHash).toMatch(/^[0-9a-f]{16}$/);
  return image.perceptualHash ?? '';
}

describe('the perceptual hash', () => {
  it.each([
    ['a third of the size', (picture: Sharp) => picture.resize(300).jpeg()],
    ['as a thumbnail', (picture: Sharp) => picture.resize(120).jpeg()],
    ['enlarged', (picture: Sharp) => picture.resize(1400).jpeg()],
    ['a bad JPEG', (picture: Sharp) => picture.jpeg({ quality: 20 })],
    ['a GIF', (picture: Sharp) => picture.resize(400).gif({ effort: 1 })],
    ['brighter', (picture: Sharp) => picture.modulate({ brightness: 1.2 }).jpeg()],
    [
      'a little cropped',
      (picture: Sharp) => picture.extract({ left: 6, top: 6, width: 888, height: 588 }).jpeg(),
    ],
  ])('hardly changes where the picture is %s', async (_how, change) => {
    for (const seed of [7, 8, 9]) {
      const original = await photo(900, 600, seed);
      const changed = await change(sharp(original)).toBuffer();
      const type = `image/${(await sharp(changed).metadata()).format}`;
      const distance = hammingDistance(await hashOf(original), await hashOf(changed, type));
      expect(distance).toBeLessThanOrEqual(6);
    }
  });

  it('is another for another picture', async () => {
    const hashes = await Promise.all(
      Array.from({ length: 8 }, async (_, seed) => hashOf(await photo(600, 400, seed + 1))),
    );
    const distances = hashes.flatMap((a, at) =>
      hashes.slice(at + 1).map((b) => hammingDistance(a, b)),
    );
    expect(Math.min(...distances)).toBeGreaterThan(14);
  });

  it('of an even surface does not depend on the noise of its encoder', async () => {
    const even = (quality: number) =>
      sharp({ create: { width: 400, height: 300, channels: 3, background: '#7a9bc4' } })
        .jpeg({ quality })
        .toBuffer();
    expect(await hashOf(await even(90))).toBe(await hashOf(await even(10)));
  });

  it('differs by as many bits as the distance counts', () => {
    expect(hammingDistance('0000000000000000', 'ffffffffffffffff')).toBe(64);
    expect(hammingDistance('8000000000000001', '0000000000000000')).toBe(2);
    expect(hammingDistance('00f0a5c37e1b2d49', '00f0a5c37e1b2d49')).toBe(0);
  });
});

describe('what is shown before the picture is there', () => {
  it('is the colour of which there is most', async () => {
    const mostlyBlue = await (await twoColoured(400, 300)).png().toBuffer();
    const picture = await sharp(mostlyBlue).extend({ right: 200, background: '#1414dc' }).png();
    const { image } = await processed(await picture.toBuffer(), 'image/png');
    expect(image.dominantColour).toBe('#1414dc');
  });

  it('is no colour where nothing is visible', async () => {
    const background = { r: 0, g: 0, b: 0, alpha: 0 };
    const nothing = sharp({ create: { width: 50, height: 50, channels: 4, background } }).png();
    const { image } = await processed(await nothing.toBuffer(), 'image/png');
    expect(image).not.toHaveProperty('dominantColour');
  });

  it('is a picture of a few pixels in at most 600 characters', async () => {
    const noise = Buffer.from(Array.from({ length: 64 * 64 * 4 }, (_, at) => (at * 7919) % 256));
    const raw = { width: 64, height: 64, channels: 4 } as const;
    for (const bytes of [
      await sharp(noise, { raw }).png().toBuffer(),
      await sharp(await photo(900, 600))
        .png()
        .toBuffer(),
    ]) {
      const { placeholder = '' } = (await processed(bytes, 'image/png')).image;
      expect(placeholder.length).toBeLessThanOrEqual(600);
      const [, base64 = ''] = placeholder.split('data:image/webp;base64,');
      expect((await sharp(Buffer.from(base64, 'base64')).metadata()).width).toBe(16);
    }
  });
});
