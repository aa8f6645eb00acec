import { AUDIO_CODECS, VIDEO_CODECS } from '../domain/processors/media/containers.ts';
import { LIMITS } from '../domain/processors/media/ladder.ts';
import type { VideoPart, VideoPlan } from '../domain/processors/media/plan.ts';
import { secondsOf } from '../domain/processors/media/plan.ts';
import type { Source } from '../domain/processors/media/studio.ts';

/** Decoders by FFmpeg's names, which are not always the codecs'. */
const DECODERS = [
  ...VIDEO_CODECS,
  ...AUDIO_CODECS,
  ...['libdav1d', 'libaom-av1', 'mpegvideo', 'mp3float', 'mp2float', 'amrnb', 'amrwb'],
  ...['libopencore_amrnb', 'libopencore_amrwb', 'libvpx', 'libvpx-vp9', 'libopus'],
];

/** ffprobe opens the decoder of every track, also of those that are not taken. */
const OTHER_TRACKS = [
  ...['mov_text', 'text', 'subrip', 'srt', 'ass', 'ssa', 'webvtt', 'dvbsub', 'dvdsub', 'pgssub'],
  ...['cc_dec', 'xsub', 'dca', 'truehd', 'mlp', 'wmav2', 'libzvbi_teletextdec', 'png'],
];

/** One allocation, in bytes: a frame of 8K with 16 bits takes 200 MB. */
const MOST_ALLOCATED = 512 * 1024 ** 2;
const SILENCE_MICROSECONDS = 20_000_000;

export const QUIET = ['-hide_banner', '-loglevel', 'error'] as const;
export const OVERALL: readonly string[] = [
  '-nostdin',
  '-y',
  ...QUIET,
  '-max_alloc',
  String(MOST_ALLOCATED),
];

/** As ffprobe opens an upload. */
export const probed = (source: Source): string[] =>
  untrusted(source, [...DECODERS, ...OTHER_TRACKS]);

/** Opens an upload: by one demuxer, over one protocol, with known decoders, bounded frames. */
export function untrusted(
  { url, demuxer }: Source,
  decoders: readonly string[] = DECODERS,
): string[] {
  const isTls = url.startsWith('https:');
  return [
    ...['-protocol_whitelist', isTls ? 'https,tls,tcp' : 'http,tcp'],
    ...['-format_whitelist', demuxer, '-codec_whitelist', decoders.join(',')],
    ...['-max_pixels', String(LIMITS.pixels)],
    ...['-rw_timeout', String(SILENCE_MICROSECONDS), '-reconnect', '1'],
    ...['-reconnect_on_network_error', '1', '-reconnect_delay_max', '4'],
    ...['-f', demuxer, '-i', url],
  ];
}

/** Nothing of the original goes on but picture and sound, and nothing of FFmpeg's version. */
export const ANONYMOUS = [
  ...['-map_metadata', '-1', '-map_chapters', '-1', '-dn', '-sn'],
  ...['-fflags', '+bitexact', '-flags:v', '+bitexact', '-flags:a', '+bitexact'],
] as const;

/**
 * The result of x264 depends on how many there are, so it is not left to the machine; nor is it to
 * chance, how far its lookahead is ahead of them.
 */
const ENCODER_THREADS = 4;

/**
 * A time line that begins at one second: a B-frame is decoded before it is shown, and no time of a
 * transport stream is negative.
 */
export const FIRST_SECOND = 1;

/** Sixteen million to one are not shown on a common screen; without this HDR looks grey. */
const TONE_MAP =
  'zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv';

/**
 * Decodes once and scales downwards from rung to rung. Frames are laid onto a grid that is the same
 * for every part; the search begins half a frame before the first one, so that rounding loses none.
 */
export function videoArguments(
  source: Source,
  plan: VideoPlan,
  part: VideoPart,
  folder: string,
): string[] {
  const { rate, rungs } = plan;
  const from = Math.max(0, secondsOf(part.firstFrame - 0.5, plan));
  const labels = rungs.map((_, rung) => `r${rung}`);
  return [
    ...OVERALL,
    ...(part.firstFrame > 0 ? ['-ss', from.toFixed(6)] : []),
    ...untrusted(source),
    ...['-filter_complex', filterGraph(plan, part)],
    ...rungs.flatMap((rung, index) => [
      ...['-map', `[${labels[index]}]`, '-frames:v', String(part.frames)],
      ...encoding(plan, rung),
      ...ANONYMOUS,
      ...['-f', 'hls', '-hls_segment_type', 'mpegts', '-hls_list_size', '0'],
      // Half a frame less than a segment has, for the same reason.
      ...['-hls_time', secondsOf(plan.framesPerSegment - 0.5, plan).toFixed(6)],
      ...['-muxdelay', '0', '-muxpreload', '0'],
      '-output_ts_offset',
      (FIRST_SECOND + secondsOf(part.firstFrame, plan)).toFixed(6),
      ...['-r', `${rate.frames}/${rate.seconds}`],
      ...['-hls_segment_filename', `${folder}/${rung.name}-%05d.ts`, `${folder}/${rung.name}.m3u8`],
    ]),
  ];
}

function filterGraph(plan: VideoPlan, part: VideoPart): string {
  const { rate, rungs } = plan;
  const largestFirst = rungs.map((rung, index) => ({ ...rung, index })).toReversed();
  const [largest] = largestFirst;
  const scale = (rung: { width: number; height: number } | undefined) =>
    `scale=${rung?.width}:${rung?.height}:flags=bicubic`;
  const whole = [
    // The part begins with the second half of a frame that is before it.
    `fps=${rate.frames}/${rate.seconds}:start_time=0:round=${part.firstFrame > 0 ? 'down' : 'near'}`,
    // Durations are rounded, so a few frames may lack at the end; a file that is cut off lacks more.
    'tpad=stop_mode=clone:stop_duration=0.5',
    ...(plan.isInterlaced ? ['yadif=mode=send_frame:deint=interlaced'] : []),
    scale(largest),
    ...(plan.isHighDynamicRange ? [TONE_MAP] : []),
    'format=yuv420p,setsar=1',
  ].join(',');
  const ends = largestFirst.map(({ index }, place) => {
    if (place === largestFirst.length - 1) return `[s${place}]null[r${index}]`;
    const next = largestFirst[place + 1];
    return `[s${place}]split[r${index}][d${place}];[d${place}]${scale(next)}[s${place + 1}]`;
  });
  return [`[0:V:0]${whole}[s0]`, ...ends].join(';');
}

function encoding(plan: VideoPlan, rung: VideoPlan['rungs'][number]): string[] {
  const keyframe = String(plan.framesPerKeyframe);
  return [
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'high', '-pix_fmt', 'yuv420p'],
    ...['-level', (rung.level / 10).toFixed(1), '-crf', String(rung.quality)],
    ...['-maxrate', `${rung.maxKilobits}k`, '-bufsize', `${rung.maxKilobits * 2}k`],
    ...['-g', keyframe, '-keyint_min', keyframe, '-sc_threshold', '0'],
    ...['-threads', String(ENCODER_THREADS), '-x264-params', 'sync-lookahead=0'],
  ];
}
