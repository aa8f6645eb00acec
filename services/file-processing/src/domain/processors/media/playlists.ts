import { AUDIO } from './ladder.ts';
import type { SizedRung, VideoPlan } from './plan.ts';

/** A segment of HLS as it was made. */
export interface Segment {
  readonly seconds: number;
  readonly bytes: number;
}

/** Bits per second: of the heaviest segment, and of all. */
export interface Bandwidth {
  readonly peak: number;
  readonly average: number;
}

export function bandwidthOf(segments: readonly Segment[]): Bandwidth {
  const rate = (bytes: number, seconds: number) =>
    Math.ceil((bytes * 8) / Math.max(seconds, 0.001));
  const sum = (pick: (segment: Segment) => number) =>
    segments.reduce((total, segment) => total + pick(segment), 0);
  // What is left over at the end may be too short to be typical (RFC 8216, 4.1: half a target duration).
  const target = targetSeconds(segments);
  const typical = segments.filter(({ seconds }) => seconds >= target / 2);
  const average = rate(
    sum(({ bytes }) => bytes),
    sum(({ seconds }) => seconds),
  );
  return {
    average,
    peak: Math.max(average, ...typical.map(({ bytes, seconds }) => rate(bytes, seconds))),
  };
}

const targetSeconds = (segments: readonly Segment[]): number =>
  segments.reduce((most, { seconds }) => Math.max(most, Math.round(seconds)), 1);

/** As the file of a segment is called. */
export const segmentName = (index: number): string => String(index).padStart(5, '0');

/** https://www.rfc-editor.org/rfc/rfc8216#section-4.3.3 */
export function mediaPlaylist(segments: readonly Segment[]): string {
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:6',
    `#EXT-X-TARGETDURATION:${targetSeconds(segments)}`,
    '#EXT-X-MEDIA-SEQUENCE:0',
    '#EXT-X-PLAYLIST-TYPE:VOD',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...segments.flatMap(({ seconds }, index) => [
      `#EXTINF:${seconds.toFixed(6)},`,
      `${segmentName(index)}.ts`,
    ]),
    '#EXT-X-ENDLIST',
    '',
  ].join('\n');
}

export interface Variant {
  readonly rung: SizedRung;
  readonly bandwidth: Bandwidth;
}

/** https://www.rfc-editor.org/rfc/rfc8216#section-4.3.4 */
export function masterPlaylist(
  { rate }: VideoPlan,
  variants: readonly Variant[],
  audio: Bandwidth | undefined,
): string {
  const streams = variants.flatMap(({ rung, bandwidth }) => [
    `#EXT-X-STREAM-INF:${[
      `BANDWIDTH=${bandwidth.peak + (audio?.peak ?? 0)}`,
      `AVERAGE-BANDWIDTH=${bandwidth.average + (audio?.average ?? 0)}`,
      `CODECS="${[codecOf(rung), ...(audio ? [AUDIO.codec] : [])].join(',')}"`,
      `RESOLUTION=${rung.width}x${rung.height}`,
      `FRAME-RATE=${(rate.frames / rate.seconds).toFixed(3)}`,
      ...(audio ? ['AUDIO="audio"'] : []),
    ].join(',')}`,
    `${rung.name}/index.m3u8`,
  ]);
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:6',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...(audio
      ? [
          '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="audio",DEFAULT=YES,AUTOSELECT=YES,URI="audio/index.m3u8"',
        ]
      : []),
    ...streams,
    '',
  ].join('\n');
}

/** High profile without further constraints, and the level. https://www.rfc-editor.org/rfc/rfc6381 */
const codecOf = ({ level }: SizedRung): string => `avc1.6400${level.toString(16).padStart(2, '0')}`;
