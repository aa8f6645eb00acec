import { chmodSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ffmpegStudio } from '../../services/file-processing/src/adapters/ffmpeg-studio.ts';
import {
  type MediaPlan,
  partsOf,
  type VideoPlan,
} from '../../services/file-processing/src/domain/processors/media/plan.ts';
import {
  joinVideo,
  renderSoundtrack,
  renderVideo,
} from '../../services/file-processing/src/domain/processors/media/render.ts';
import type {
  Source,
  Studio,
} from '../../services/file-processing/src/domain/processors/media/studio.ts';

const FFMPEG = process.env.FFMPEG_PATH ?? 'ffmpeg';
const never = new AbortController().signal;

/** An invocation has processors of its own: here one of this machine's, by `taskset` (Linux). */
export function studioOnOneProcessor(folder: string, lane: number): Studio {
  const ffmpeg = join(folder, `ffmpeg-${lane}`);
  const processor = lane % cpus().length;
  writeFileSync(ffmpeg, `#!/bin/sh\nexec taskset -c ${processor} '${FFMPEG}' "$@"\n`);
  chmodSync(ffmpeg, 0o755);
  return ffmpegStudio({ ffmpeg, ffprobe: process.env.FFPROBE_PATH });
}

export interface Timing {
  /** Seconds until the last part was done, all ladders of it. */
  readonly parts: number;
  readonly sound: number;
  readonly join: number;
}

/** The same steps as the functions', with storage in memory. */
export async function transcode(
  plan: MediaPlan & { readonly video: VideoPlan },
  source: Source,
  studios: readonly Studio[],
): Promise<Timing> {
  const stored = new Map<string, Uint8Array>();
  const store: Parameters<typeof renderVideo>[4] = async ({ body, extension, ...artefact }) => {
    const key = `${artefact.name}.${extension}`;
    const bytes = body instanceof Uint8Array ? body : await buffer(body);
    stored.set(key, bytes);
    return { ...artefact, bucket: 'media', key, size: bytes.length };
  };
  const began = performance.now();
  const video = await Promise.all(
    partsOf(plan.video).map((part, index) => {
      const studio = studios[index];
      if (!studio) throw new RangeError('Every part needs a studio.');
      return studio.open(never, (tools) => renderVideo(tools, source, plan.video, part, store));
    }),
  );
  const partsDone = performance.now();
  const [studio] = studios;
  if (!studio || !plan.audio) throw new RangeError('The clip has to have a sound.');
  const track = plan.audio;
  return await studio.open(never, async (tools) => {
    const { durationSeconds } = plan.facts;
    const audio = await renderSoundtrack(tools, source, track, durationSeconds, store);
    const soundDone = performance.now();
    async function* open(name: string) {
      const bytes = stored.get(`${name}.ts`);
      if (!bytes) throw new Error(`${name} is missing.`);
      yield bytes;
    }
    const rendered = { posters: [], video, audio, audioPiece: audio.piece, open };
    await joinVideo(tools, plan.video, rendered, store);
    return {
      parts: (partsDone - began) / 1000,
      sound: (soundDone - partsDone) / 1000,
      join: (performance.now() - soundDone) / 1000,
    };
  });
}
