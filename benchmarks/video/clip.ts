import { execFileSync } from 'node:child_process';
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** A clip as a camera makes it, 720p with sound, given by HTTP as S3 gives an upload. */
export async function serveClip(folder: string, seconds: number) {
  const path = join(folder, 'clip.mp4');
  const picture = `testsrc2=s=1280x720:r=30:d=${seconds},noise=alls=12:allf=t`;
  execFileSync(process.env.FFMPEG_PATH ?? 'ffmpeg', [
    ...['-nostdin', '-v', 'error', '-f', 'lavfi', '-i', picture],
    ...['-f', 'lavfi', '-i', `sine=f=440:r=48000:d=${seconds}`, '-pix_fmt', 'yuv420p'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-b:v', '8M', '-c:a', 'aac', path],
  ]);
  const { size } = statSync(path);
  const server = createServer((request, response) => {
    const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(206, {
      'accept-ranges': 'bytes',
      'content-length': size - from,
      'content-range': `bytes ${from}-${size - 1}/${size}`,
    });
    createReadStream(path, { start: from }).pipe(response);
    response.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/clip.mp4`,
    close(): void {
      server.closeAllConnections();
      server.close();
    },
  };
}
