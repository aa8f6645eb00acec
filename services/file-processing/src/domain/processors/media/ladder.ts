/** One quality of a video. */
export interface Rung {
  readonly name: string;
  /** Pixels that it has at most, of a picture that lies; one that stands may have them the other way. */
  readonly longSide: number;
  readonly shortSide: number;
  /** Constant rate factor of x264: smaller is better. */
  readonly quality: number;
  /** Kilobits per second that any two seconds have at most. */
  readonly maxKilobits: number;
  /** Of H.264, times ten: the least that holds these pixels at 60 frames a second. */
  readonly level: number;
}

/** Smallest first: what a player starts with. */
export const RUNGS: readonly Rung[] = [
  { name: '240p', longSide: 426, shortSide: 240, quality: 25, maxKilobits: 400, level: 30 },
  { name: '480p', longSide: 854, shortSide: 480, quality: 24, maxKilobits: 1400, level: 31 },
  { name: '720p', longSide: 1280, shortSide: 720, quality: 23, maxKilobits: 2800, level: 40 },
];

export const AUDIO = { kilobits: 128, maxChannels: 2, codec: 'mp4a.40.2' } as const;

/** Of the way through the video. */
export const POSTERS_AT: readonly number[] = [0.1, 0.5, 0.9];
export const POSTER_SIDE = 640;

export const LIMITS = {
  /** 8K UHD. */
  pixels: 7680 * 4320,
  /** A function that encodes that much sound has done so before its 15 minutes are over. */
  seconds: 12 * 60 * 60,
  framesPerSecond: 60,
  /** What a joined MP4 may take in the scratch folder; above that there is HLS only. */
  mp4Bytes: 4 * 1024 ** 3,
} as const;

/** How a video is cut, in seconds. Keyframes are where players may change the rung. */
export const CUTS = {
  keyframeSeconds: 2,
  /** A whole number of them makes a segment of HLS. */
  keyframesPerSegment: 3,
  /** Segments of HLS in what one invocation transcodes. */
  segmentsPerPart: 5,
  /** Above that, parts get longer. */
  mostParts: 400,
  /** Shorter videos are done by the invocation that probes them. */
  wholeSeconds: 60,
} as const;
