import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AUDIO, CUTS } from '../domain/processors/media/ladder.ts';
import { segmentSeconds } from '../domain/processors/media/plan.ts';
import {
  HEARD_SAMPLES,
  type MediaTools,
  MediaUnreadable,
  type Piece,
  type Studio,
} from '../domain/processors/media/studio.ts';
import {
  ANONYMOUS,
  FIRST_SECOND,
  OVERALL,
  probed,
  QUIET,
  untrusted,
  videoArguments,
} from './ffmpeg-arguments.ts';
import { PROBE_ARGUMENTS, readProbe } from './ffmpeg-probe.ts';
import { runProgram } from './ffmpeg-program.ts';
import { sampleReader } from './ffmpeg-samples.ts';
import { jpegSize } from './jpeg-size.ts';

export interface FfmpegStudioOptions {
  /** Default: as the search path has them. */
  readonly ffmpeg?: string | undefined;
  readonly ffprobe?: string | undefined;
}

/** Debian's ffmpeg 5.1 or newer, with libx264 and zscale. */
export function ffmpegStudio(options: FfmpegStudioOptions = {}): Studio {
  const { ffmpeg = 'ffmpeg', ffprobe = 'ffprobe' } = options;
  return {
    async open(signal, work) {
      const folder = await mkdtemp(join(tmpdir(), 'millrace-media-'));
      try {
        return await work(toolsIn(folder, { ffmpeg, ffprobe }, signal));
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

function toolsIn(
  folder: string,
  programs: { readonly ffmpeg: string; readonly ffprobe: string },
  signal: AbortSignal,
): MediaTools {
  let files = 0;
  const fresh = (extension: string) => {
    files += 1;
    return join(folder, `${files}.${extension}`);
  };
  const encode = (args: readonly string[], more: { input?: AsyncIterable<Uint8Array> } = {}) =>
    runProgram({ path: programs.ffmpeg, args, signal, ...more });
  const ask = (args: readonly string[]) =>
    runProgram({ path: programs.ffprobe, args: [...QUIET, ...args], signal });

  return {
    async probe(source) {
      return readProbe((await ask([...PROBE_ARGUMENTS, ...probed(source)])).toString());
    },

    async findEnd(source, track, near) {
      const entries = ['-show_entries', 'packet=pts_time,duration_time', '-of', 'csv=p=0'];
      const select = ['-select_streams', track === 'video' ? 'V:0' : 'a:0', ...entries];
      const end = lastEnd();
      const read = (from: readonly string[]) =>
        runProgram({
          path: programs.ffprobe,
          args: [...QUIET, ...select, ...from, ...probed(source)],
          signal,
          onOutput: end.read,
        });
      if (near !== undefined) await read(['-read_intervals', `${Math.max(0, near - 20)}%`]);
      if (near === undefined || end.seconds() === 0) await read([]);
      return end.seconds();
    },

    async poster(source, { seconds, side }) {
      const fit = `scale='min(${side},iw*sar)':'min(${side},ih)':force_original_aspect_ratio=decrease:force_divisible_by=2`;
      const bytes = await encode([
        ...OVERALL,
        ...(seconds > 0 ? ['-ss', seconds.toFixed(6)] : []),
        ...untrusted(source),
        ...['-map', '0:V:0', '-frames:v', '1', '-vf', `${fit},setsar=1,format=yuvj420p`],
        ...ANONYMOUS,
        ...['-c:v', 'mjpeg', '-q:v', '4', '-threads', '1', '-f', 'image2pipe', 'pipe:1'],
      ]);
      const size = jpegSize(bytes);
      return size && { bytes, ...size };
    },

    async video(source, plan, part) {
      const place = await mkdtemp(join(folder, 'video-'));
      await encode(videoArguments(source, plan, part, place));
      const expected = segmentSeconds(part.frames, plan);
      const names = (await readdir(place)).toSorted();
      return await Promise.all(
        plan.rungs.map(async ({ name }) => {
          const own = names.filter((file) => file.startsWith(`${name}-`));
          const seconds = listedSeconds(await readFile(join(place, `${name}.m3u8`), 'utf8'));
          const lacking = sum(expected) - sum(seconds);
          const frame = plan.rate.seconds / plan.rate.frames;
          if (own.length !== expected.length || lacking > 1.5 * frame) {
            throw new MediaUnreadable('It ends before its time.');
          }
          return await Promise.all(own.map((file) => pieceAt(join(place, file))));
        }),
      );
    },

    async audio(source, plan, durationSeconds, hear) {
      const path = fresh('m4a');
      const length = ['-t', durationSeconds.toFixed(6)];
      // Gaps in its time stamps become silence, so that it stays with the picture.
      const steady = ['-map', '0:a:0', '-af', 'aresample=async=1:first_pts=0'];
      const args = [
        ...OVERALL,
        ...untrusted(source),
        // The other coder takes twice as long, too long for twelve hours.
        ...[...steady, ...length, '-c:a', 'aac', '-aac_coder', 'fast'],
        ...['-b:a', `${AUDIO.kilobits}k`],
        ...['-ac', String(plan.channels), '-ar', String(plan.samplesPerSecond), ...ANONYMOUS],
        ...['-movflags', '+faststart', '-f', 'mp4', path],
        ...(hear
          ? [
              ...[...steady, ...length, '-ac', '1', '-ar', String(HEARD_SAMPLES)],
              ...['-f', 's16le', 'pipe:1'],
            ]
          : []),
      ];
      await runProgram({ path: programs.ffmpeg, args, signal, onOutput: sampleReader(hear) });
      return await pieceAt(path);
    },

    async cutAudio(audio) {
      const place = await mkdtemp(join(folder, 'audio-'));
      const list = join(place, 'list.m3u8');
      await encode([
        ...[...OVERALL, '-f', 'mov', '-i', audio.path, '-c', 'copy', ...ANONYMOUS],
        ...['-f', 'hls', '-hls_segment_type', 'mpegts', '-hls_list_size', '0'],
        ...['-hls_time', String(CUTS.keyframeSeconds * CUTS.keyframesPerSegment)],
        ...['-muxdelay', '0', '-muxpreload', '0', '-output_ts_offset', String(FIRST_SECOND)],
        ...['-hls_segment_filename', join(place, '%05d.ts'), list],
      ]);
      const seconds = listedSeconds(await readFile(list, 'utf8'));
      const names = (await readdir(place)).filter((name) => name.endsWith('.ts')).toSorted();
      const pieces = await Promise.all(names.map((name) => pieceAt(join(place, name))));
      return pieces.map((piece, index) => ({ piece, seconds: seconds[index] ?? 0 }));
    },

    async keep(body) {
      const path = fresh('kept');
      await pipeline(body, createWriteStream(path), { signal });
      return await pieceAt(path);
    },

    async mux(video, audio) {
      const path = fresh('mp4');
      const args = [
        ...['-y', ...QUIET, '-f', 'mpegts', '-i', 'pipe:0'],
        ...(audio ? ['-f', 'mov', '-i', audio.path, '-map', '0:v', '-map', '1:a'] : []),
        ...['-c', 'copy', ...ANONYMOUS, '-movflags', '+faststart', '-f', 'mp4', path],
      ];
      await encode(args, { input: video });
      return await pieceAt(path);
    },

    async picture(pixels, width, height) {
      const raw = ['-f', 'rawvideo', '-pix_fmt', 'ya8', '-s', `${width}x${height}`, '-i', 'pipe:0'];
      const png = ['-frames:v', '1', '-c:v', 'png', '-threads', '1', '-f', 'image2pipe', 'pipe:1'];
      const input = (async function* () {
        yield pixels;
      })();
      return await encode(['-y', ...QUIET, ...raw, ...ANONYMOUS, ...png], { input });
    },

    drop: ({ path }) => rm(path, { force: true }),
  };
}

async function pieceAt(path: string): Promise<Piece> {
  const { size } = await stat(path);
  return { path, size, open: () => createReadStream(path) };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

/** What FFmpeg's own playlist says of its segments. */
function listedSeconds(playlist: string): number[] {
  return [...playlist.matchAll(/^#EXTINF:([\d.]+)/gm)].map(([, seconds]) => Number(seconds));
}

/** Reads lines of `<begin>,<duration>` and keeps the last end. */
function lastEnd() {
  let rest = '';
  let last = 0;
  return {
    read(chunk: Buffer): void {
      const lines = (rest + chunk.toString('latin1')).split('\n');
      rest = (lines.pop() ?? '').slice(-64);
      for (const line of lines) {
        const [begin, duration] = line.split(',').map(Number);
        const end = (begin ?? Number.NaN) + (duration || 0);
        if (end > last) last = end;
      }
    },
    seconds: () => last,
  };
}
