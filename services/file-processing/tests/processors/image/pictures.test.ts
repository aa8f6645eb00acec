import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { imageProcessor } from '../../../src/domain/processors/image/processor.ts';
import { memoryBench, memoryUpload } from '../../model/bench.ts';
import { colourAt, noise, photo, twoColoured } from '../../model/pictures.ts';
import { processed, rejection } from './make.ts';

const sizes = (
  renditions: readonly { name: string; contentType: string; width?: number; height?: number }[],
) => renditions.map(({ name, width, height }) => `${name} ${width}x${height}`);

describe('a picture', () => {
  it('becomes renditions of the ladder, none larger than itself, WebP first', async () => {
    const { image, renditions, artefacts } = await processed(await noise(2000, 1000), 'image/jpeg');
    expect(image).toMatchObject({ format: 'jpeg', width: 2000, height: 1000 });
    expect(image).not.toHaveProperty('frames');
    expect(sizes(renditions)).toEqual([
      'w1280 1280x640',
      'w640 640x320',
      'w200 200x100',
      'w640-jpeg 640x320',
    ]);
    expect([...artefacts.keys()]).toEqual([
      'w1280.webp',
      'w640.webp',
      'w200.webp',
      'w640-jpeg.jpg',
    ]);
    for (const { key, contentType, width, height } of renditions) {
      const metadata = await sharp(artefacts.get(key)).metadata();
      expect(metadata).toMatchObject({ width, height });
      expect(`image/${metadata.format}`).toBe(contentType);
    }
  });

  it.each([
    [640, ['w640 640x320', 'w200 200x100', 'w640-jpeg 640x320']],
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
    const { image, artefacts } = await processed(turned, 'image/jpeg', true);
    expect(image).toMatchObject({ format: 'jpeg', width: 700, height: 1400 });
    expect(artefacts.size).toBeGreaterThan(1);
    for (const bytes of artefacts.values()) {
      const { width, height, exif, icc, xmp, orientation } = await sharp(bytes).metadata();
      expect(width / height).toBeCloseTo(0.5, 1);
      expect(await colourAt(bytes, width >> 1, 2)).toBe('red');
      expect(await colourAt(bytes, width >> 1, height - 3)).toBe('blue');
      expect({ exif, icc, xmp, orientation }).toEqual({});
    }
  });

  it('keeps its transparency where the format has one, and lies on white where it has not', async () => {
    const background = { r: 10, g: 200, b: 10, alpha: 0.5 };
    const png = await sharp({ create: { width: 1300, height: 800, channels: 4, background } })
      .png()
      .toBuffer();
    const { artefacts } = await processed(png, 'image/png');
    for (const [name, bytes] of artefacts) {
      const { data } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
      const expected = name.endsWith('.webp') ? [10, 200, 10, 128] : [133, 228, 133];
      expected.forEach((value, at) => {
        expect(Math.abs((data[at] ?? 0) - value)).toBeLessThan(10);
      });
    }
  });

  it.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)('may be %s', async (format) => {
    const bytes = await (await twoColoured(300, 100)).toFormat(format).toBuffer();
    const { image, artefacts } = await processed(bytes, `image/${format}`);
    expect(image).toMatchObject({ format, width: 300, height: 100 });
    const small = artefacts.get('w200.webp') ?? bytes;
    expect(await colourAt(small, 5, 30)).toBe('red');
    expect(await colourAt(small, 190, 30)).toBe('blue');
  });

  it.each([
    ['16 bits', (picture: Sharp) => picture.toColourspace('rgb16').png()],
    ['grey', (picture: Sharp) => picture.toColourspace('b-w').png()],
    ['CMYK', (picture: Sharp) => picture.toColourspace('cmyk').jpeg()],
  ])('may be in %s', async (_name, convert) => {
    const bytes = await convert(await twoColoured(700, 400)).toBuffer();
    const { renditions, image } = await processed(bytes, 'image/png');
    expect(sizes(renditions)).toEqual(['w640 640x366', 'w200 200x114', 'w640-jpeg 640x366']);
    expect(image.dominantColour).toMatch(/^#[0-9a-f]{6}$/);
  });

  it('gives the same bytes and facts each time', async () => {
    const picture = await photo(1300, 900);
    const [one, two] = [
      await processed(picture, 'image/jpeg'),
      await processed(picture, 'image/jpeg'),
    ];
    expect(one).toEqual(two);
  });

  it('may be taller than WebP can be', async () => {
    const tall = await (await twoColoured(400, 20_000)).png().toBuffer();
    const { renditions, image } = await processed(tall, 'image/png');
    expect(sizes(renditions)).toEqual(['w200 200x10000']);
    expect(image.placeholder?.length).toBeLessThan(600);
  });

  it('is left alone once the work is no longer ours', async () => {
    const { bench, artefacts } = memoryBench();
    const signal = AbortSignal.abort(new Error('taken over'));
    const upload = memoryUpload(await noise(2000, 1000), { mediaType: 'image/jpeg' });
    const work = imageProcessor({ keepPlace: false }).process(upload, { ...bench, signal });
    await expect(work).rejects.toThrow('taken over');
    expect(artefacts.size).toBe(0);
  });

  it('fails with the store, which is not the fault of its content', async () => {
    const { bench } = memoryBench();
    const store = () => Promise.reject(new Error('The store is away.'));
    const upload = memoryUpload(await noise(300, 100), { mediaType: 'image/jpeg' });
    const work = imageProcessor({ keepPlace: false }).process(upload, { ...bench, store });
    await expect(work).rejects.toThrow('The store is away.');
  });
});

/** Of two pictures on white, the mean of what their channels differ by. */
async function difference(...pictures: readonly [Sharp, Sharp]): Promise<number> {
  const [one, other] = await Promise.all(
    pictures.map((each) =>
      each.flatten({ background: 'white' }).toColourspace('srgb').raw().toBuffer(),
    ),
  );
  if (!one || one.length !== other?.length) return Number.POSITIVE_INFINITY;
  return one.reduce((sum, value, at) => sum + Math.abs(value - (other[at] ?? 0)), 0) / one.length;
}

describe('a picture of several', () => {
  const frames = async (count: number, width = 60, height = 60) =>
    Promise.all(
      Array.from({ length: count }, (_, at) =>
        sharp({
          create: {
            ...{ width, height, channels: 3 },
            background: { r: (at * 97) % 256, g: 20, b: (at * 53) % 256 },
          },
        })
          .png()
          .toBuffer(),
      ),
    );

  it.each(['gif', 'webp'] as const)(
    'that move (%s) becomes stills and a preview',
    async (format) => {
      const moving = await sharp(await frames(5), { join: { animated: true } })
        .toFormat(format, { delay: [100, 100, 100, 100, 300], loop: 3 })
        .toBuffer();
      const { image, renditions, artefacts } = await processed(moving, `image/${format}`);
      expect(image).toMatchObject({ width: 60, height: 60, frames: 5 });
      expect(sizes(renditions)).toEqual(['w200 60x60', 'animated 60x60']);
      expect((await sharp(artefacts.get('w200.webp')).metadata()).pages).toBeUndefined();
      expect(await sharp(artefacts.get('animated.webp')).metadata()).toMatchObject({
        ...{ pages: 5, height: 60, loop: 3, delay: [100, 100, 100, 100, 300] },
      });
    },
  );

  it('that change slowly arrive at what they change to', async () => {
    const FRAMES = 24;
    const brightness = (at: number) => 90 + 2 * at;
    const skies = await Promise.all(
      Array.from({ length: FRAMES }, (_, at) => {
        const [r, g, b] = [brightness(at), brightness(at) + 20, brightness(at) + 60];
        const create = { width: 240, height: 160, channels: 3, background: { r, g, b } } as const;
        return sharp({ create }).png().toBuffer();
      }),
    );
    const dawn = await sharp(skies, { join: { animated: true } })
      .webp({ lossless: true, delay: Array(FRAMES).fill(40) })
      .toBuffer();
    const { artefacts } = await processed(dawn, 'image/webp');
    const preview = artefacts.get('animated.webp');
    for (let page = 0; page < FRAMES; page += 1) {
      expect(await difference(sharp(preview, { page }), sharp(dawn, { page }))).toBeLessThan(2);
    }
  });

  it('that move in one corner, with nothing behind them, look as they did', async () => {
    const size = { width: 61, height: 47, channels: 4 } as const;
    const clear = { r: 0, g: 0, b: 0, alpha: 0 };
    const dot = await sharp({
      create: { width: 9, height: 7, channels: 4, background: '#d03020' },
    })
      .png()
      .toBuffer();
    const stills = await Promise.all(
      [3, 3, 17, 52].map((left) =>
        sharp({ create: { ...size, background: clear } })
          .composite([{ input: dot, left, top: 31 }])
          .png()
          .toBuffer(),
      ),
    );
    const moving = await sharp(stills, { join: { animated: true } })
      .webp({ lossless: true, delay: [100, 50, 200, 300], loop: 0 })
      .toBuffer();
    const { artefacts } = await processed(moving, 'image/webp');
    const preview = artefacts.get('animated.webp');
    // The second shows what the first does: one frame, as long as both.
    const expected = { pages: 3, delay: [150, 200, 300], hasAlpha: true, loop: 0, width: 61 };
    expect(await sharp(preview).metadata()).toMatchObject(expected);
    for (const [page, still] of [stills[0], stills[2], stills[3]].entries()) {
      expect(await difference(sharp(preview, { page }), sharp(still))).toBeLessThan(1);
    }
  });

  it('that move on and on are cut and shrunk', async () => {
    const long = await sharp(await frames(200, 500, 20), { join: { animated: true } })
      .gif({ effort: 1, delay: Array(200).fill(40) })
      .toBuffer();
    const { image, artefacts } = await processed(long, 'image/gif');
    expect(image.frames).toBe(200);
    const preview = await sharp(artefacts.get('animated.webp')).metadata();
    expect(preview).toMatchObject({ width: 480, height: 19 });
    expect(preview.pages).toBe(150);
  });

  it('has its first page shown where it is a TIFF', async () => {
    const pages = await sharp(await frames(3), { join: { animated: true } })
      .tiff()
      .toBuffer();
    const { image, renditions } = await processed(pages, 'image/tiff');
    expect(image).toMatchObject({ format: 'tiff', width: 60, height: 60, frames: 3 });
    expect(sizes(renditions)).toEqual(['w200 60x60']);
  });
});

describe('a picture is rejected', () => {
  it.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)(
    'where it is cut off, anywhere (%s)',
    async (format) => {
      const whole = await sharp(await noise(640, 480))
        .toFormat(format)
        .toBuffer();
      for (const part of [0.02, 0.3, 0.6, 0.9]) {
        const cut = whole.subarray(0, Math.floor(whole.length * part));
        expect(await rejection(cut, `image/${format}`)).toBe('corrupt_image');
      }
    },
  );

  it('where it would be too large when decoded', async () => {
    const bomb = await sharp({
      create: { width: 11_000, height: 10_000, channels: 3, background: 'white' },
    })
      .png({ compressionLevel: 9 })
      .toBuffer();
    expect(await rejection(bomb, 'image/png')).toBe('too_large');
  });

  it('where it is HEIC, and says what to do', async () => {
    const upload = memoryUpload(Buffer.from('whatever'), { mediaType: 'image/heic' });
    const answer = await imageProcessor({ keepPlace: false }).process(upload, memoryBench().bench);
    expect(answer).toMatchObject({ kind: 'rejected', reason: { code: 'heic_not_supported' } });
    expect(JSON.stringify(answer)).toContain('as JPEG');
  });
});
