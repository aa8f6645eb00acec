import type { Sharp } from 'sharp';

export interface RenditionFormat {
  /** Follows the rung's name: `w640` + `-jpeg`. */
  readonly suffix: string;
  readonly contentType: string;
  readonly extension: string;
  encode(picture: Sharp): Sharp;
}

/** Effort 0 takes 30 % of the time of the default 4, for files that are some 8 % larger. */
const webp: RenditionFormat = {
  suffix: '',
  contentType: 'image/webp',
  extension: 'webp',
  encode: (picture) => picture.webp({ quality: 80, effort: 0 }),
};
/** For what shows no WebP: mail above all, whose columns are no wider than the rung that has it. */
const jpeg: RenditionFormat = {
  suffix: '-jpeg',
  contentType: 'image/jpeg',
  extension: 'jpg',
  encode: (picture) => picture.flatten({ background: 'white' }).jpeg({ quality: 80 }),
};

/**
 * The pictures that are made of a picture, from the widest to the narrowest: each is made of the
 * pixels of the one before.
 */
export const LADDER = [
  { name: 'w1280', width: 1280, formats: [webp] },
  { name: 'w640', width: 640, formats: [webp, jpeg] },
  { name: 'w200', width: 200, formats: [webp] },
] as const;
export type Rung = (typeof LADDER)[number];

/** WebP cannot be higher; taller pictures become narrower than their rung. */
export const MAX_HEIGHT = 16_383;

/** The rungs that need no enlarging; a picture narrower than all of them gets the last one in its own size. */
export function rungsFor(width: number): readonly [Rung, ...Rung[]] {
  const [widest, ...others] = LADDER.filter((rung) => rung.width <= width);
  return widest ? [widest, ...others] : [LADDER[2]];
}
