/** What a file says of itself. */
export interface Probe {
  /** What the file's first time stamp is; every other time here is counted from it. */
  readonly startSeconds: number;
  /** Seconds; undefined where the container does not say, as in a browser's recording. */
  readonly durationSeconds: number | undefined;
  readonly video?: ProbedVideo;
  readonly audio?: ProbedAudio;
}

export interface ProbedVideo {
  readonly codec: string;
  /** As stored: before rotation, pixels that may not be square. */
  readonly width: number;
  readonly height: number;
  /** Width of a pixel over its height. */
  readonly pixelAspect: number;
  /** Degrees by which the picture is turned to be upright: a multiple of 90. */
  readonly rotation: number;
  readonly framesPerSecond: number | undefined;
  /** From the file's beginning to the picture's end. */
  readonly durationSeconds: number | undefined;
  readonly isInterlaced: boolean;
  /** Light beyond what a common screen shows (PQ or HLG). */
  readonly isHighDynamicRange: boolean;
}

export interface ProbedAudio {
  readonly codec: string;
  readonly channels: number;
  readonly samplesPerSecond: number;
}

/** Upright, in square pixels. */
export function uprightSize(video: ProbedVideo): { width: number; height: number } {
  const width = Math.max(1, Math.round(video.width * video.pixelAspect));
  const isTurned = video.rotation % 180 !== 0;
  return isTurned ? { width: video.height, height: width } : { width, height: video.height };
}
