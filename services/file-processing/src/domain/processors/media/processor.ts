import {
  type Processed,
  type Processor,
  rejected,
  type Upload,
  type Workbench,
} from '../../processor.ts';
import { AUDIO_CODECS, containerOf, VIDEO_CODECS } from './containers.ts';
import { type Job, type Jobs, jobId, reasonOf, type TaskQueues, tasksOf } from './job.ts';
import { LIMITS } from './ladder.ts';
import { type MediaPlan, partsOf, planMedia, type VideoPlan } from './plan.ts';
import type { Probe } from './probe.ts';
import { renderPosters, renderWhole } from './render.ts';
import {
  CodecRefused,
  type MediaTools,
  MediaUnreadable,
  type Source,
  type Studio,
} from './studio.ts';

export interface MediaPorts {
  readonly studio: Studio;
  readonly jobs: Jobs;
  readonly tasks: TaskQueues;
}

/** Videos and sounds. What is long is cut into parts that other invocations work on side by side. */
export function mediaProcessor(ports: MediaPorts): Processor {
  return {
    async process(upload, workbench) {
      const container = containerOf(upload.mediaType);
      if (!container) throw new RangeError('The media type is not one of mediaKind.');
      const source = { ...container, url: await upload.url() };
      return await ports.studio.open(workbench.signal, async (tools) => {
        try {
          return await process(upload, workbench, source, tools, ports);
        } catch (error) {
          if (!(error instanceof MediaUnreadable)) throw error;
          return { kind: 'rejected', reason: reasonOf(error) };
        }
      });
    },
  };
}

async function process(
  upload: Upload,
  workbench: Workbench,
  source: Source,
  tools: MediaTools,
  ports: MediaPorts,
): Promise<Processed> {
  const probe = await tools.probe(source);
  const refusal = refuse(probe);
  if (refusal) return refusal;
  const seconds = await durationOf(probe, source, tools);
  if (seconds > LIMITS.seconds) return tooLong();
  const plan = planMedia(formatOf(upload.mediaType), probe, seconds);
  const store = workbench.store;
  const posters = plan.video ? await renderPosters(tools, source, seconds, store) : [];
  await workbench.progress(5);
  if (isLong(plan)) {
    const { version, file } = upload;
    const job = { id: jobId(file, version), version, demuxer: source.demuxer, plan, posters };
    return await handOn(job, ports);
  }
  const renditions = await renderWhole(tools, source, plan, posters, store, (percent) =>
    workbench.progress(percent),
  );
  await throwIfGone(upload);
  return { kind: 'processed', facts: { media: plan.facts }, renditions };
}

function isLong(plan: MediaPlan): plan is MediaPlan & { video: VideoPlan } {
  return plan.video !== undefined && partsOf(plan.video).length > 1;
}

/** What is done already is not sent again: an attempt that died may have sent some. */
async function handOn(job: Job, { jobs, tasks }: MediaPorts): Promise<Processed> {
  await jobs.begin(job);
  const done = await jobs.outcomes(job.id);
  const { id, version } = job;
  const open = tasksOf(job).filter((task) => !done.has(task));
  const last = open.length === 0 ? (['join'] as const) : open;
  await tasks.send(last.map((task) => ({ kind: 'media', version, job: id, task })));
  return { kind: 'handed-on' };
}

/** The programs read by a URL, which gives a newer version as well: what was made of it is not ours. */
async function throwIfGone(upload: Upload): Promise<void> {
  for await (const _ of upload.read({ from: 0, to: 0 })) return;
}

/** @throws MediaUnreadable, CodecRefused */
function refuse({ video, audio }: Probe): Processed | undefined {
  if (!video && !audio) throw new MediaUnreadable('It has neither picture nor sound.');
  if (video && video.width * video.height > LIMITS.pixels) {
    return rejected('too_large', 'Videos may have up to 7680 × 4320 pixels. Upload a smaller one.');
  }
  const isKnown = (codec: string | undefined, known: readonly string[]) =>
    codec === undefined || known.includes(codec);
  if (isKnown(video?.codec, VIDEO_CODECS) && isKnown(audio?.codec, AUDIO_CODECS)) return undefined;
  throw new CodecRefused('Its codec is not on the list.');
}

const tooLong = () =>
  rejected('too_long', 'Videos and sounds may last up to 12 hours. Upload it in several files.');

/** Of the picture where there is one: sound may go on after it. */
async function durationOf(
  { startSeconds, durationSeconds, video }: Probe,
  source: Source,
  tools: MediaTools,
): Promise<number> {
  const said = video ? video.durationSeconds : durationSeconds;
  const near = durationSeconds === undefined ? undefined : startSeconds + durationSeconds;
  const seconds =
    said ?? (await tools.findEnd(source, video ? 'video' : 'audio', near)) - startSeconds;
  if (!(seconds > 0)) throw new MediaUnreadable('It has no length.');
  return seconds;
}

/** `video/x-matroska` is `matroska`. */
const formatOf = (mediaType: string): string =>
  mediaType
    .replace(/^\w+\/(x-)?/, '')
    .replace('msvideo', 'avi')
    .replace('mp2t', 'mpegts');
