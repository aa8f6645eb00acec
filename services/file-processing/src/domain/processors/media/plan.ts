import type { MediaFacts } from '@millrace/types';
import { AUDIO, CUTS, LIMITS, RUNGS, type Rung } from './ladder.ts';
import { type Probe, type ProbedVideo, uprightSize } from './probe.ts';

/** Frames per second as a fraction: 30000/1001 is no decimal number. */
export interface FrameRate {
  readonly frames: number;
  readonly seconds: number;
}

export interface SizedRung extends Rung {
  /** Even, upright, in square pixels. */
  readonly width: number;
  readonly height: number;
}

export interface VideoPlan {
  readonly rate: FrameRate;
  /** Of the whole video at that rate. */
  readonly frames: number;
  readonly framesPerKeyframe: number;
  readonly framesPerSegment: number;
  readonly framesPerPart: number;
  readonly rungs: readonly SizedRung[];
  readonly isInterlaced: boolean;
  readonly isHighDynamicRange: boolean;
}

export interface AudioPlan {
  readonly channels: number;
  readonly samplesPerSecond: number;
}

/** All that is decided of a file before any of it is made; every invocation that works on it has it. */
export interface MediaPlan {
  readonly facts: MediaFacts;
  readonly video?: VideoPlan;
  readonly audio?: AudioPlan;
}

/** @param durationSeconds of the whole file, and of its picture where it has one */
export function planMedia(
  format: string,
  { video, audio }: Probe,
  durationSeconds: number,
): MediaPlan {
  const rate = video && frameRate(video.framesPerSecond);
  return {
    facts: {
      format,
      durationSeconds: Math.round(durationSeconds * 1000) / 1000,
      ...(video &&
        rate && {
          video: {
            codec: video.codec,
            ...uprightSize(video),
            framesPerSecond: Math.round((rate.frames / rate.seconds) * 1000) / 1000,
          },
        }),
      ...(audio && { audio }),
    },
    ...(video && rate && { video: planVideo(video, rate, durationSeconds) }),
    ...(audio && { audio: planAudio(audio) }),
  };
}

function planVideo(video: ProbedVideo, rate: FrameRate, durationSeconds: number): VideoPlan {
  const perSecond = rate.frames / rate.seconds;
  const frames = Math.max(1, Math.round(durationSeconds * perSecond));
  const framesPerKeyframe = Math.max(1, Math.round(CUTS.keyframeSeconds * perSecond));
  const framesPerSegment = framesPerKeyframe * CUTS.keyframesPerSegment;
  const { isInterlaced, isHighDynamicRange } = video;
  return {
    ...{ rate, frames, framesPerKeyframe, framesPerSegment, isInterlaced, isHighDynamicRange },
    framesPerPart:
      segmentsPerPart(video, frames, framesPerSegment, durationSeconds) * framesPerSegment,
    rungs: fitRungs(uprightSize(video)),
  };
}

function segmentsPerPart(
  { framesPerSecond = 1 }: ProbedVideo,
  frames: number,
  framesPerSegment: number,
  durationSeconds: number,
): number {
  const segments = Math.ceil(frames / framesPerSegment);
  // A part of a slide show may have no frame in it that could be shown.
  if (durationSeconds <= CUTS.wholeSeconds || framesPerSecond < 1) return segments;
  return Math.max(CUTS.segmentsPerPart, Math.ceil(segments / CUTS.mostParts));
}

function planAudio({ channels, samplesPerSecond }: AudioPlan): AudioPlan {
  return {
    channels: Math.min(channels, AUDIO.maxChannels),
    samplesPerSecond: samplesPerSecond === 44_100 ? 44_100 : 48_000,
  };
}

const BROADCAST_RATES: readonly FrameRate[] = [
  { frames: 24_000, seconds: 1001 },
  { frames: 30_000, seconds: 1001 },
  { frames: 60_000, seconds: 1001 },
];

/**
 * The rate of a file is an average of its time stamps; a constant one is wanted, so that every part
 * has the same frames whoever makes it.
 */
export function frameRate(measured = 30): FrameRate {
  const wanted = Math.min(Math.max(measured, 1), LIMITS.framesPerSecond);
  const broadcast = BROADCAST_RATES.find(
    ({ frames, seconds }) => Math.abs(frames / seconds - wanted) < 0.01,
  );
  return broadcast ?? { frames: Math.round(wanted), seconds: 1 };
}

/** The smallest rungs up to the first that has the size of the original; none enlarges it. */
export function fitRungs(original: { width: number; height: number }): SizedRung[] {
  const sized: SizedRung[] = [];
  for (const rung of RUNGS) {
    const scale = Math.min(
      1,
      rung.longSide / Math.max(original.width, original.height),
      rung.shortSide / Math.min(original.width, original.height),
    );
    const width = even(original.width, scale);
    const height = even(original.height, scale);
    sized.push({ ...rung, width, height });
    if (scale === 1) break;
  }
  return sized;
}

/** H.264 in 4:2:0 has no odd sizes; at its own size a picture loses a line rather than gains one. */
function even(pixels: number, scale: number): number {
  const halves = (pixels * scale) / 2;
  return 2 * Math.max(1, scale === 1 ? Math.floor(halves) : Math.round(halves));
}

/** What one invocation transcodes of a video. */
export interface VideoPart {
  readonly index: number;
  readonly firstFrame: number;
  readonly frames: number;
  /** In the numbering of the whole. */
  readonly firstSegment: number;
}

export function partsOf({ frames, framesPerPart, framesPerSegment }: VideoPlan): VideoPart[] {
  return Array.from({ length: Math.ceil(frames / framesPerPart) }, (_, index) => {
    const firstFrame = index * framesPerPart;
    return {
      ...{ index, firstFrame },
      frames: Math.min(framesPerPart, frames - firstFrame),
      firstSegment: firstFrame / framesPerSegment,
    };
  });
}

export function secondsOf(frames: number, { rate }: Pick<VideoPlan, 'rate'>): number {
  return (frames * rate.seconds) / rate.frames;
}

/** Seconds of each segment of HLS among these frames. */
export function segmentSeconds(frames: number, plan: VideoPlan): number[] {
  const segments = Math.ceil(frames / plan.framesPerSegment);
  return Array.from({ length: segments }, (_, index) =>
    secondsOf(Math.min(plan.framesPerSegment, frames - index * plan.framesPerSegment), plan),
  );
}
