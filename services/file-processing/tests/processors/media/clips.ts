import { execFileSync } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FFMPEG = process.env.FFMPEG_PATH ?? 'ffmpeg';
const FFPROBE = process.env.FFPROBE_PATH ?? 'ffprobe';

/** Tests of media are skipped where FFmpeg is missing, but never in continuous integration. */
export const hasFfmpeg = ((): boolean => {
  try {
    execFileSync(FFMPEG, ['-version'], { stdio: 'ignore' });
    return true;
  } catch {
    return process.env.CI === 'true';
  }
})();

/** Clips made in a folder of their own and given by HTTP with ranges, as S3 gives uploads. */
export async function openClips() {
  const folder = mkdtempSync(join(tmpdir(), 'clips-'));
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    const path = join(folder, (request.url ?? '').slice(1));
    const size = statSync(path, { throwIfNoEntry: false })?.size;
    if (size === undefined) return void response.writeHead(404).end();
    const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (from >= size && size > 0) return void response.writeHead(416).end();
    response.writeHead(206, {
      'accept-ranges': 'bytes',
      'content-length': size - from,
      'content-range': `bytes ${from}-${size - 1}/${size}`,
    });
    createReadStream(path, { start: from })
      .on('error', () => response.destroy())
      .pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const path = (name: string) => join(folder, name);
  return {
    path,
    url: (name: string) => `http://127.0.0.1:${port}/${name}`,
    requests: () => requests,
    make(name: string, ...args: readonly string[]): string {
      execFileSync(FFMPEG, ['-nostdin', '-v', 'error', '-y', ...args, path(name)]);
      return name;
    },
    close(): void {
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
export type Clips = Awaited<ReturnType<typeof openClips>>;

export const picture = (seconds: number, size = '320x180', rate = '25') => [
  ...['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=${rate}:d=${seconds}`],
];
export const sound = (seconds: number) => [
  ...['-f', 'lavfi', '-i', `sine=f=440:r=44100:d=${seconds}`],
];
export const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];

/** What ffprobe says of bytes. */
export function probeBytes(bytes: Uint8Array, ...more: readonly string[]) {
  const args = ['-v', 'error', '-show_streams', '-show_format', '-of', 'json', ...more, '-i', '-'];
  const answer = execFileSync(FFPROBE, args, { input: bytes, maxBuffer: 64 * 1024 ** 2 });
  return JSON.parse(answer.toString());
}

/** One number a frame: the mean brightness of what a picture shows. */
export function brightness(path: string): number[] {
  const args = ['-v', 'error', '-i', path, '-vf', 'scale=1:1:flags=area,format=gray'];
  return [...execFileSync(FFMPEG, [...args, '-f', 'rawvideo', '-'])];
}
