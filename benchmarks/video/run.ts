import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ffmpegStudio } from '../../services/file-processing/src/adapters/ffmpeg-studio.ts';
import { planMedia } from '../../services/file-processing/src/domain/processors/media/plan.ts';
import { machineFacts } from '../machine.ts';
import { median } from '../statistics.ts';
import { serveClip } from './clip.ts';
import { studioOnOneProcessor, type Timing, transcode } from './transcode.ts';

const PARTS = [1, 2, 4];
/** Two processors do not do twice the work of one: they share memory and its way. */
const LEAST_SPEED_UP = 1.5;

/** Whether parts that separate invocations work on are faster: each is given one processor. */
export async function runVideo(
  args: readonly string[],
  print: (line: string) => void,
): Promise<0 | 1> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '24' },
      check: { type: 'boolean', default: false },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), 'bench-video-'));
  const seconds = Number(values.seconds);
  const clip = await serveClip(folder, seconds);
  const source = { url: clip.url, demuxer: 'mov' };
  try {
    print(machineFacts());
    print(`${seconds} s of 720p, 30 frames/s, to 240p, 480p and 720p; one processor per part`);
    const measured = new Map<number, Timing[]>(PARTS.map((parts) => [parts, []]));
    for (let round = 0; round < Number(values.rounds); round += 1) {
      for (const parts of PARTS) measured.get(parts)?.push(await measure(parts));
    }
    const secondsOf = (parts: number, of: keyof Timing) =>
      median((measured.get(parts) ?? []).map((timing) => timing[of]));
    print('parts   transcode s   × real time   speed-up   sound s   join s');
    for (const parts of PARTS) {
      const took = secondsOf(parts, 'parts');
      const cells = [took, seconds / took, secondsOf(1, 'parts') / took];
      const rest = [secondsOf(parts, 'sound'), secondsOf(parts, 'join')];
      print([String(parts), ...[...cells, ...rest].map((cell) => cell.toFixed(2))].join('   '));
    }
    const speedUp = secondsOf(1, 'parts') / secondsOf(2, 'parts');
    return values.check && speedUp < LEAST_SPEED_UP ? 1 : 0;
  } finally {
    clip.close();
    rmSync(folder, { recursive: true, force: true });
  }

  async function measure(parts: number): Promise<Timing> {
    const probe = await ffmpegStudio({
      ffmpeg: process.env.FFMPEG_PATH,
      ffprobe: process.env.FFPROBE_PATH,
    }).open(new AbortController().signal, (tools) => tools.probe(source));
    const { video, ...plan } = planMedia('mp4', probe, seconds);
    if (!video) throw new RangeError('The clip has to have a picture.');
    const segments = Math.ceil(video.frames / video.framesPerSegment / parts);
    const framesPerPart = segments * video.framesPerSegment;
    const studios = Array.from({ length: parts }, (_, lane) => studioOnOneProcessor(folder, lane));
    return await transcode({ ...plan, video: { ...video, framesPerPart } }, source, studios);
  }
}
