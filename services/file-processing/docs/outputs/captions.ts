import type { StoredRendition } from '@millrace/types';
import { COLOURS, LINE_HEIGHT, lines, PAD, type Panel, text } from './page.ts';
import type { Sample } from './samples.ts';

export const MUTED = { colour: COLOURS.muted } as const;
export const CODE = { isCode: true } as const;

export function sizeOf(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Name, pixels and bytes. */
export const captionOf = ({ key, width, height, size }: StoredRendition): string[] => [
  key,
  `${width} × ${height}`,
  sizeOf(size),
];

export const titleOf = (kind: string, { name, bytes }: Sample): string =>
  text(PAD, 50, kind, { size: 28, isBold: true }) +
  text(PAD, 88, `${name}, ${sizeOf(bytes.length)}`, MUTED);

/** A row's height that shows so many lines of the file. */
export const heightOf = (count: number): number => 136 + count * LINE_HEIGHT;

/** The first lines of the file itself. */
export function sourceOf(kind: string, sample: Sample, count: number): Panel {
  const first = decode(sample.bytes).split('\n').slice(0, count);
  return { content: titleOf(kind, sample) + lines(PAD, 136, first, CODE), fades: true };
}

export const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

export const decodeLines = (bytes: Uint8Array) =>
  decode(bytes)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
