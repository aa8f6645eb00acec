import type { ImageFacts } from '@millrace/types';
import { type ExifDirectory, exifBlock } from './exif-tags.ts';

const MAKE = 0x010f;
const MODEL = 0x0110;
const PHOTO_DIRECTORY = 0x8769;
const PLACE_DIRECTORY = 0x8825;
const TAKEN_AT = 0x9003;
const DIGITIZED_AT = 0x9004;
const TAKEN_AT_ZONE = 0x9011;
const LATITUDE_SIDE = 1;
const LATITUDE = 2;
const LONGITUDE_SIDE = 3;
const LONGITUDE = 4;

const MAX_TEXT = 64;

export type CameraFacts = Pick<ImageFacts, 'takenAt' | 'camera' | 'place'>;

/**
 * What the camera wrote beside the picture: of the whole EXIF block no more than this. All of it may be
 * invented by whoever made the file.
 *
 * @param keepPlace whether a person's whereabouts are wanted
 */
export function cameraFacts(exif: Uint8Array | undefined, keepPlace: boolean): CameraFacts {
  const block = exif && exifBlock(exif);
  if (!block) return {};
  const main = block.directory(block.first, [MAKE, MODEL, PHOTO_DIRECTORY, PLACE_DIRECTORY]);
  const within = (pointer: number, wanted: readonly number[]): ExifDirectory => {
    const [offset] = numbers(main, pointer);
    return offset === undefined ? new Map() : block.directory(offset, wanted);
  };
  const takenAt = takenAtOf(within(PHOTO_DIRECTORY, [TAKEN_AT, DIGITIZED_AT, TAKEN_AT_ZONE]));
  const camera = cameraOf(main);
  const place = keepPlace
    ? placeOf(within(PLACE_DIRECTORY, [LATITUDE_SIDE, LATITUDE, LONGITUDE_SIDE, LONGITUDE]))
    : undefined;
  return { ...(takenAt && { takenAt }), ...(camera && { camera }), ...(place && { place }) };
}

const text = (directory: ExifDirectory, tag: number) => {
  const value = directory.get(tag);
  return typeof value === 'string' ? value : '';
};
const numbers = (directory: ExifDirectory, tag: number): readonly number[] => {
  const value = directory.get(tag);
  return value === undefined || typeof value === 'string' ? [] : value;
};

function cameraOf(directory: ExifDirectory): CameraFacts['camera'] {
  const make = shownText(text(directory, MAKE));
  const model = shownText(text(directory, MODEL));
  return make || model ? { ...(make && { make }), ...(model && { model }) } : undefined;
}

/** Neither control characters nor what turns the direction of writing, and no more than fits a line. */
function shownText(value: string): string {
  const visible = value.replace(/[\p{C}\uFFFD]/gu, ' ').replace(/\s+/g, ' ');
  return [...visible.trim()].slice(0, MAX_TEXT).join('').trim();
}

/** `2026:11:24 08:30:00` and, since EXIF 2.31, `+09:00`. */
function takenAtOf(directory: ExifDirectory): string | undefined {
  const written = text(directory, TAKEN_AT) || text(directory, DIGITIZED_AT);
  const parts = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)$/.exec(written.trim());
  if (!parts) return undefined;
  const local = `${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}`;
  const instant = new Date(`${local}Z`);
  // 31 February would become 3 March.
  const isReal = !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(local);
  const zone = /^[+-](0\d|1[0-4]):[0-5]\d$/.exec(text(directory, TAKEN_AT_ZONE).trim())?.[0] ?? '';
  return isReal ? `${local}${zone}` : undefined;
}

function placeOf(directory: ExifDirectory): CameraFacts['place'] {
  const latitude = degrees(directory, LATITUDE, LATITUDE_SIDE, 'N', 'S', 90);
  const longitude = degrees(directory, LONGITUDE, LONGITUDE_SIDE, 'E', 'W', 180);
  return latitude === undefined || longitude === undefined ? undefined : { latitude, longitude };
}

/** Degrees, minutes and seconds, to a ten-millionth of a degree (a centimetre). */
function degrees(
  directory: ExifDirectory,
  tag: number,
  sideTag: number,
  positive: string,
  negative: string,
  limit: number,
): number | undefined {
  const [whole = Number.NaN, minutes = 0, seconds = 0] = numbers(directory, tag);
  const side = text(directory, sideTag).trim();
  const value = Math.round((whole + minutes / 60 + seconds / 3600) * 1e7) / 1e7;
  if (!(value <= limit) || (side !== positive && side !== negative)) return undefined;
  return side === negative && value !== 0 ? -value : value;
}
