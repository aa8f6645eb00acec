import fc from 'fast-check';
import sharp, { type Exif } from 'sharp';
import { describe, expect, it } from 'vitest';
import { cameraFacts } from '../../../src/domain/processors/image/camera-facts.ts';
import { processed } from './make.ts';

const WHOLE: Exif = {
  IFD0: { Make: 'Ricoh', Model: 'GR III' },
  IFD2: { DateTimeOriginal: '2026:11:24 08:30:05', OffsetTimeOriginal: '+09:00' },
  IFD3: {
    ...{ GPSLatitudeRef: 'S', GPSLatitude: '37/1 33/1 3600/100' },
    ...{ GPSLongitudeRef: 'E', GPSLongitude: '126/1 58/1 3000/100' },
  },
};

function taken(exif: Exif, format: 'jpeg' | 'png' | 'webp' | 'avif' = 'jpeg') {
  return sharp({ create: { width: 30, height: 20, channels: 3, background: 'red' } })
    .withExif(exif)
    .toFormat(format)
    .toBuffer();
}

describe('what the camera wrote', () => {
  it.each(['jpeg', 'png', 'webp', 'avif'] as const)(
    'is kept of a %s, but not the place',
    async (format) => {
      const { image } = await processed(await taken(WHOLE, format), `image/${format}`);
      expect(image).toMatchObject({
        takenAt: '2026-11-24T08:30:05+09:00',
        camera: { make: 'Ricoh', model: 'GR III' },
      });
      expect(image).not.toHaveProperty('place');
    },
  );

  it('is kept with the place where that is asked for', async () => {
    const { image } = await processed(await taken(WHOLE), 'image/jpeg', true);
    expect(image.place).toEqual({ latitude: -37.56, longitude: 126.975 });
  });

  it('has no zone where the camera knew none', async () => {
    const bytes = await taken({ IFD2: { DateTimeOriginal: '2026:02:28 23:59:59' } });
    const { image } = await processed(bytes, 'image/jpeg');
    expect(image.takenAt).toBe('2026-02-28T23:59:59');
    expect(image).not.toHaveProperty('camera');
  });

  it.each(['2026:02:31 10:00:00', '0000:00:00 00:00:00', '2026:11:24 25:00:00', 'yesterday'])(
    'is no time where it is none: %s',
    async (DateTimeOriginal) => {
      const { image } = await processed(await taken({ IFD2: { DateTimeOriginal } }), 'image/jpeg');
      expect(image).not.toHaveProperty('takenAt');
    },
  );

  it('is shown as one short line', async () => {
    const bytes = await taken({ IFD0: { Make: `@@@evil\u0007\n<b>${'x'.repeat(100)}` } });
    // sharp writes ASCII only.
    bytes.write('\u202E', bytes.indexOf('@@@'));
    const { image } = await processed(bytes, 'image/jpeg');
    expect(image.camera?.make).toMatch(/^evil <b>x{50,56}$/);
  });

  it.each([
    ['beyond the pole', { GPSLatitude: '91/1 0/1 0/1' }],
    ['divided by nothing', { GPSLatitude: '0/0 0/0 0/0' }],
    ['on no side', { GPSLatitudeRef: 'X' }],
  ])('is no place where that is %s', async (_how, wrong) => {
    const exif = { IFD3: { ...WHOLE.IFD3, ...wrong } };
    const { image } = await processed(await taken(exif), 'image/jpeg', true);
    expect(image).not.toHaveProperty('place');
  });

  it('may be cut off or changed anywhere', async () => {
    const { exif } = await sharp(await taken(WHOLE)).metadata();
    const block = exif ?? Buffer.alloc(0);
    expect(cameraFacts(block, true).camera).toBeDefined();
    fc.assert(
      fc.property(
        fc.nat(block.length),
        fc.nat(block.length - 1),
        fc.nat(255),
        (length, at, byte) => {
          const damaged = Buffer.from(block);
          damaged[at] = byte;
          for (const each of [block.subarray(0, length), damaged]) {
            const { takenAt = '2026-', camera, place } = cameraFacts(each, true);
            expect(takenAt).toMatch(/^\d{4}-/);
            expect(JSON.stringify([camera, place]).length).toBeLessThan(400);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('may claim gigabytes of values in 64 KiB', () => {
    const bytes = Buffer.alloc(65_535);
    bytes.write('II*\0\x08\0\0\0', 'latin1');
    bytes.writeUInt16LE(5_460, 8);
    for (let entry = 0; entry < 5_460; entry += 1) {
      const at = 10 + entry * 12;
      bytes.writeUInt16LE(0x010f, at);
      bytes.writeUInt16LE(2, at + 2);
      bytes.writeUInt32LE(65_000, at + 4);
    }
    const start = process.cpuUsage();
    cameraFacts(bytes, true);
    expect(process.cpuUsage(start).user / 1_000).toBeLessThan(500);
  });
});
