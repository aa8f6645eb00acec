import sharp from 'sharp';
import type { ExpectedFile } from './run.ts';
import type { Content } from './scenario.ts';

export interface Sample {
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly expected: ExpectedFile;
}

/** Drawn once; a few hundred pixels, so that pictures are a small part of a run's work. */
export async function contents(): Promise<Readonly<Record<Content, Sample>>> {
  const picture = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: { r: 200, g: 90, b: 30 } } });
  const wide = await picture(700, 20).jpeg().toBuffer();
  return {
    small: {
      bytes: await picture(24, 16).png().toBuffer(),
      contentType: 'image/png',
      expected: { status: 'ready', width: 24, height: 16 },
    },
    wide: {
      bytes: wide,
      contentType: 'image/jpeg',
      expected: { status: 'ready', width: 700, height: 20 },
    },
    text: {
      bytes: Buffer.from('not a picture'),
      contentType: 'image/png',
      expected: { status: 'rejected', code: 'type_mismatch' },
    },
    cut: {
      bytes: wide.subarray(0, 200),
      contentType: 'image/jpeg',
      expected: { status: 'rejected', code: 'corrupt_image' },
    },
    empty: {
      bytes: Buffer.alloc(0),
      contentType: 'image/png',
      expected: { status: 'rejected', code: 'empty_file' },
    },
  };
}
