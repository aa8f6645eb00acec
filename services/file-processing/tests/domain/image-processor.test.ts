import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { imageProcessor } from '../../src/domain/processors/image/image-processor.ts';
import { colourAt, noise, twoColoured } from '../model/pictures.ts';

async function processed(bytes: Uint8Array, mediaType: string) {
  const answer = await imageProcessor.process(bytes, mediaType);
  if (answer.kind === 'rejected') throw new Error(answer.reason.message);
  return answer;
}
const sizes = (renditions: readonly { name: string; width: number; height: number }[]) =>
  renditions.map(({ name, width, height }) => `${name} ${width}x${height}`);

describe('a picture', () => {
  it('becomes three renditions, none larger than itself', async () => {
    const { image, renditions } = await processed(await noise(2000, 1000), 'image/jpeg');
    expect(image).toEqual({ format: 'jpeg', width: 2000, height: 1000 });
    expect(sizes(renditions)).toEqual(['w1280 1280x640', 'w640 640x320', 'w200 200x100']);
    for (const { bytes, width, height } of renditions) {
      expect(await sharp(bytes).metadata()).toMatchObject({ format: 'webp', width, height });
    }
  });

  it.each([
    [640, ['w640 640x320', 'w200 200x100']],
    [300, ['w200 200x100']],
    [90, ['w200 90x45']],
    [1, ['w200 1x1']],
  ])('of %i pixels becomes what fits', async (width, expected) => {
    const picture = await noise(width, Math.max(1, width / 2));
    expect(sizes((await processed(picture, 'image/jpeg')).renditions)).toEqual(expected);
  });

  it('is turned as its EXIF orientation says, and publishes no metadata', async () => {
    const turned = await (await twoColoured(1400, 700))
      .withExif({ IFD0: { Artist: 'somebody' }, IFD3: { GPSLatitude: '37/1 33/1 0/1' } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const { image, renditions } = await processed(turned, 'image/jpeg');
    expect(image).toEqual({ format: 'jpeg', width: 700, height: 1400 });
    for (const { bytes, width, height } of renditions) {
      expect(width / height).toBeCloseTo(0.5, 1);
      expect(await colourAt(bytes, width >> 1, 2)).toBe('red');
      expect(await colourAt(bytes, width >> 1, height - 3)).toBe('blue');
      const { exif, icc, xmp, orientation } = await sharp(bytes).metadata();
      expect({ exif, icc, xmp, orientation }).toEqual({});
    }
  });

  it('keeps its transparency', async () => {
    const background = { r: 10, g: 200, b: 10, alpha: 0.5 };
    const png = await sharp({ create: { width: 800, height: 800, channels: 4, background } })
      .png()
      .toBuffer();
    const { renditions } = await processed(png, 'image/png');
    for (const { bytes } of renditions) {
      const { data } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
      expect(Math.abs((data[3] ?? 0) - 128)).toBeLessThan(4);
    }
  });

  it.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)('may be %s', async (format) => {
    const bytes = await (await twoColoured(300, 100)).toFormat(format).toBuffer();
    const { image, renditions } = await processed(bytes, `image/${format}`);
    expect(image).toEqual({ format, width: 300, height: 100 });
    const [small] = renditions;
    expect(await colourAt(small?.bytes ?? bytes, 5, 30)).toBe('red');
    expect(await colourAt(small?.bytes ?? bytes, 190, 30)).toBe('blue');
  });

  it.each([
    ['16 bits', (picture: Sharp) => picture.toColourspace('rgb16').png()],
    ['grey', (picture: Sharp) => picture.toColourspace('b-w').png()],
    ['CMYK', (picture: Sharp) => picture.toColourspace('cmyk').jpeg()],
  ])('may be in %s', async (_name, convert) => {
    const bytes = await convert(await twoColoured(700, 400)).toBuffer();
    const { renditions } = await processed(bytes, 'image/png');
    expect(sizes(renditions)).toEqual(['w640 640x366', 'w200 200x114']);
  });

  it('gives the same bytes each time', async () => {
    const picture = await noise(700, 500);
    expect(await processed(picture, 'image/jpeg')).toEqual(await processed(picture, 'image/jpeg'));
  });

  it('may be taller than WebP can be', async () => {
    const tall = await (await twoColoured(400, 20_000)).png().toBuffer();
    expect(sizes((await processed(tall, 'image/png')).renditions)).toEqual(['w200 200x10000']);
  });
});

describe('a picture is rejected', () => {
  it('where it is cut off, anywhere', async () => {
    const picture = await noise(640, 480);
    for (const part of [0.02, 0.3, 0.6, 0.9]) {
      const cut = picture.subarray(0, Math.floor(picture.length * part));
      const answer = await imageProcessor.process(cut, 'image/jpeg');
      expect(answer).toMatchObject({ kind: 'rejected', reason: { code: 'corrupt_image' } });
    }
  });

  it('where it would be too large when decoded', async () => {
    const bomb = await sharp({
      create: { width: 11_000, height: 10_000, channels: 3, background: 'white' },
    })
      .png({ compressionLevel: 9 })
      .toBuffer();
    const answer = await imageProcessor.process(bomb, 'image/png');
    expect(answer).toMatchObject({ kind: 'rejected', reason: { code: 'too_large' } });
  });
});
