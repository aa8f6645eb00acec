import { spawnSync } from 'node:child_process';
import sharp from 'sharp';
import type { SampleFile } from './sample-file.ts';

const WIDTH = 320;
const HEIGHT = 240;
const FRAMES_PER_SECOND = 10;
const SECONDS = 2;

/** A wheel that turns. Whoever has no FFmpeg gets told so. */
export async function sampleVideo(): Promise<SampleFile> {
  const count = FRAMES_PER_SECOND * SECONDS;
  const frames = await Promise.all(Array.from({ length: count }, (_, at) => frame(at / count)));
  const { status } = spawnSync(process.env.FFMPEG_PATH ?? 'ffmpeg', ['-version']);
  return {
    name: 'turning wheel.avi',
    contentType: 'video/x-msvideo',
    bytes: motionJpeg(frames),
    expected:
      status === 0
        ? {
            status: 'ready',
            result: `video of 2.0 s, ${WIDTH}×${HEIGHT}: HLS, MP4 240p, 3 posters`,
          }
        : { status: 'failed', code: 'ffmpeg_missing' },
  };
}

function frame(turn: number): Promise<Buffer> {
  const spokes = Array.from(
    { length: 4 },
    (_, spoke) =>
      `<rect x="-90" y="-5" width="180" height="10" fill="#3d2b1f" transform="rotate(${spoke * 45 + turn * 45})"/>`,
  ).join('');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">
    <rect width="100%" height="100%" fill="#cfe8ef"/><rect y="190" width="100%" height="50" fill="#5b8e7d"/>
    <g transform="translate(160 120)"><circle r="90" fill="none" stroke="#3d2b1f" stroke-width="14"/>${spokes}</g>
  </svg>`;
  return sharp(Buffer.from(svg)).jpeg({ quality: 80 }).toBuffer();
}

/**
 * An AVI file of JPEG pictures: the one video format that needs no encoder.
 * https://learn.microsoft.com/en-us/windows/win32/directshow/avi-riff-file-reference
 */
function motionJpeg(frames: readonly Buffer[]): Buffer {
  const largest = Math.max(...frames.map(({ length }) => length));
  const mainHeader = words(
    ...[1e6 / FRAMES_PER_SECOND, largest * FRAMES_PER_SECOND, 0, 0x10, frames.length, 0, 1],
    ...[largest, WIDTH, HEIGHT, 0, 0, 0, 0],
  );
  const streamHeader = Buffer.concat([
    Buffer.from('vidsMJPG'),
    words(0, 0, 0, 1, FRAMES_PER_SECOND, 0, frames.length, largest, 0xffffffff, 0, 0, 0),
  ]);
  const format = Buffer.concat([
    words(40, WIDTH, HEIGHT, 1 | (24 << 16)),
    Buffer.from('MJPG'),
    words(WIDTH * HEIGHT * 3, 0, 0, 0, 0),
  ]);
  const stream = list('strl', [chunk('strh', streamHeader), chunk('strf', format)]);
  const pictures = frames.map((bytes) => chunk('00dc', bytes));
  let at = 4;
  const index = frames.map((bytes, number) => {
    const entry = Buffer.concat([Buffer.from('00dc'), words(0x10, at, bytes.length)]);
    at += pictures[number]?.length ?? 0;
    return entry;
  });
  return chunk(
    'RIFF',
    Buffer.concat([
      Buffer.from('AVI '),
      list('hdrl', [chunk('avih', mainHeader), stream]),
      list('movi', pictures),
      chunk('idx1', Buffer.concat(index)),
    ]),
  );
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, at) => void bytes.writeUInt32LE(value >>> 0, at * 4));
  return bytes;
}

/** Chunks begin at even places. */
function chunk(name: string, bytes: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(name),
    words(bytes.length),
    bytes,
    Buffer.alloc(bytes.length % 2),
  ]);
}

function list(name: string, chunks: readonly Buffer[]): Buffer {
  return chunk('LIST', Buffer.concat([Buffer.from(name), ...chunks]));
}
