import * as z from 'zod/mini';
import type { Probe, ProbedVideo } from '../domain/processors/media/probe.ts';
import { MediaUnreadable } from '../domain/processors/media/studio.ts';

const text = z.optional(z.string());
const Stream = z.object({
  codec_type: text,
  codec_name: text,
  width: z.optional(z.number()),
  height: z.optional(z.number()),
  sample_aspect_ratio: text,
  avg_frame_rate: text,
  r_frame_rate: text,
  field_order: text,
  color_transfer: text,
  start_time: text,
  duration: text,
  channels: z.optional(z.number()),
  sample_rate: text,
  disposition: z.optional(z.record(z.string(), z.number())),
  tags: z.optional(z.record(z.string(), z.unknown())),
  side_data_list: z.optional(z.array(z.object({ rotation: z.optional(z.number()) }))),
});
type Stream = z.infer<typeof Stream>;
const Answer = z.object({
  streams: z._default(z.array(Stream), []),
  format: z.optional(z.object({ start_time: text, duration: text })),
});

export const PROBE_ARGUMENTS: readonly string[] = [
  ...['-show_streams', '-show_format', '-of', 'json'],
];

/** @throws MediaUnreadable when ffprobe's answer says too little */
export function readProbe(json: string): Probe {
  const answer = Answer.safeParse(parse(json));
  if (!answer.success) throw new MediaUnreadable('It does not say what it holds.');
  const { streams, format } = answer.data;
  // The cover of a record is a video stream of one picture.
  const picture = streams.find(
    ({ codec_type, disposition }) => codec_type === 'video' && disposition?.attached_pic !== 1,
  );
  const sound = streams.find(({ codec_type }) => codec_type === 'audio');
  const start = finite(format?.start_time) ?? 0;
  return {
    startSeconds: start,
    durationSeconds: positive(format?.duration),
    ...(picture && { video: readVideo(picture, start) }),
    ...(sound && {
      audio: {
        codec: sound.codec_name ?? 'unknown',
        channels: sound.channels ?? 0,
        samplesPerSecond: positive(sound.sample_rate) ?? 0,
      },
    }),
  };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function readVideo(stream: Stream, start: number): ProbedVideo {
  const { width = 0, height = 0 } = stream;
  if (width <= 0 || height <= 0) throw new MediaUnreadable('Its picture has no size.');
  const turned = stream.side_data_list?.find(({ rotation }) => rotation !== undefined)?.rotation;
  const length = positive(stream.duration) ?? clock(stream.tags?.DURATION);
  const late = Math.max(0, (finite(stream.start_time) ?? start) - start);
  const aspect = ratio(stream.sample_aspect_ratio, ':');
  return {
    codec: stream.codec_name ?? 'unknown',
    ...{ width, height },
    pixelAspect: aspect !== undefined && aspect > 0.1 && aspect < 10 ? aspect : 1,
    rotation: (Math.round((turned ?? 0) / 90) * 90 + 360) % 360,
    framesPerSecond: framesPerSecond(stream),
    durationSeconds: length === undefined ? undefined : late + length,
    isInterlaced: /^(tt|bb|tb|bt)$/.test(stream.field_order ?? ''),
    isHighDynamicRange: /^(smpte2084|arib-std-b67)$/.test(stream.color_transfer ?? ''),
  };
}

/** The nominal rate where it is near the average, which a few lost frames lower. */
function framesPerSecond(stream: Stream): number | undefined {
  const average = ratio(stream.avg_frame_rate, '/');
  const nominal = ratio(stream.r_frame_rate, '/');
  if (average === undefined) return nominal !== undefined && nominal <= 120 ? nominal : undefined;
  const isNear = nominal !== undefined && Math.abs(nominal / average - 1) < 0.1;
  return isNear ? nominal : average;
}

function ratio(value: string | undefined, sign: string): number | undefined {
  const [over, under] = (value ?? '').split(sign).map(Number);
  const result = (over ?? Number.NaN) / (under ?? Number.NaN);
  return Number.isFinite(result) && result > 0 ? result : undefined;
}

function finite(value: string | undefined): number | undefined {
  const number = Number(value ?? Number.NaN);
  return Number.isFinite(number) ? number : undefined;
}

function positive(value: string | undefined): number | undefined {
  const number = finite(value);
  return number !== undefined && number > 0 ? number : undefined;
}

/** `00:01:02.500000000`, as Matroska's writers note it. */
function clock(value: unknown): number | undefined {
  const [, hours, minutes, seconds] = /^(\d+):(\d\d):(\d\d\.\d+)$/.exec(String(value)) ?? [];
  return seconds === undefined
    ? undefined
    : positive(String(Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)));
}
