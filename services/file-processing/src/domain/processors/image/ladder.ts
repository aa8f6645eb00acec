/** The pictures that are made of a picture, from the widest to the narrowest: each is made of the one before. */
export const LADDER = [
  { name: 'w1280', width: 1280 },
  { name: 'w640', width: 640 },
  { name: 'w200', width: 200 },
] as const;
export type Rung = (typeof LADDER)[number];

export const ENCODING = {
  mediaType: 'image/webp',
  extension: 'webp',
  /** WebP cannot be higher; taller pictures become narrower than their rung. */
  maxHeight: 16_383,
  /** Effort 2 costs a third less time than the default 4 for files some percent larger. */
  options: { quality: 80, effort: 2 },
} as const;

/** The rungs that need no enlarging; a picture narrower than all of them gets the last one in its own size. */
export function rungsFor(width: number): readonly Rung[] {
  const fitting = LADDER.filter((rung) => rung.width <= width);
  return fitting.length > 0 ? fitting : LADDER.slice(-1);
}
