import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { buffer } from 'node:stream/consumers';
import { UnsafeSvg } from './unsafe-svg.ts';

/** Vectors have no size of their own to respect: they are drawn as wide as is wanted. */
export interface Raster {
  /** Pixels. */
  readonly maxWidth: number;
  readonly maxHeight: number;
  readonly timeLimitMs: number;
}

export interface Rasterized {
  readonly png: Buffer;
  /** As the file says, in pixels of 1/96 inch. */
  readonly width: number;
  readonly height: number;
}

/** The drawing's size goes before it. */
const HEAD_BYTES = 8;

/** How the program ends where the drawing would have to be shrunk more than libvips can. */
const TOO_LARGE = 3;

/** libvips draws with a density of 1 to 100,000 points an inch. */
const PROGRAM = `
const [sharpPath, maxWidth, maxHeight] = process.argv.slice(1);
const { createRequire } = await import('node:module');
const { buffer } = await import('node:stream/consumers');
const sharp = createRequire(sharpPath)(sharpPath);
sharp.concurrency(1);
const svg = await buffer(process.stdin);
const { width, height } = await sharp(svg, { limitInputPixels: false }).metadata();
const scale = Math.min(maxWidth / width, maxHeight / height);
const density = Math.min(72 * scale, 100000);
if (density < 1) process.exit(${TOO_LARGE});
const png = await sharp(svg, { density, limitInputPixels: 2 * maxWidth * maxHeight })
  .resize({ width: +maxWidth, height: +maxHeight, fit: 'inside', withoutEnlargement: true })
  .png({ compressionLevel: 1 })
  .toBuffer();
const head = Buffer.alloc(${HEAD_BYTES});
head.writeUInt32BE(width, 0);
head.writeUInt32BE(height, 4);
process.stdout.write(Buffer.concat([head, png]));
`;

/**
 * Draws an SVG in a process of its own: what takes too long can only be ended from outside, and what
 * brings librsvg down brings nothing else down. It knows no credentials, for its environment is empty.
 *
 * @throws UnsafeSvg when it is too large or not done in time, Error when it cannot be drawn
 */
export async function rasterize(
  svg: Uint8Array,
  { maxWidth, maxHeight, timeLimitMs }: Raster,
  signal: AbortSignal,
): Promise<Rasterized> {
  const limit = AbortSignal.timeout(timeLimitMs);
  const sharpPath = createRequire(import.meta.url).resolve('sharp');
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', PROGRAM, sharpPath, String(maxWidth), String(maxHeight)],
    {
      env: {},
      stdio: ['pipe', 'pipe', 'ignore'],
      signal: AbortSignal.any([signal, limit]),
      killSignal: 'SIGKILL',
    },
  );
  // It may end before it has read all.
  child.stdin.on('error', () => undefined);
  child.stdin.end(svg);
  const [ended, output] = await Promise.all([outcomeOf(child), buffer(child.stdout)]);
  signal.throwIfAborted();
  if (limit.aborted) throw new UnsafeSvg('takes too long to draw');
  if (ended instanceof Error) throw ended;
  return {
    png: output.subarray(HEAD_BYTES),
    width: output.readUInt32BE(0),
    height: output.readUInt32BE(4),
  };
}

function outcomeOf(child: ChildProcess): Promise<Error | undefined> {
  return new Promise((resolve) => {
    child.once('error', resolve);
    child.once('close', (code, killedBy) => {
      if (code === 0) return resolve(undefined);
      if (code === TOO_LARGE) return resolve(new UnsafeSvg('is too large to draw'));
      // Not by us: that was an error before this. The system does so where it has no memory left.
      const isStarved = killedBy === 'SIGKILL';
      resolve(new Error(isStarved ? 'Out of memory.' : 'The SVG cannot be drawn.'));
    });
  });
}
