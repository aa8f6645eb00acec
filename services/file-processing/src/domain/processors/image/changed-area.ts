import type { Pixels } from './pixels.ts';

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The smallest rectangle, from even coordinates on, outside of which both pictures (of one size) are the
 * same; undefined where they are the same everywhere.
 */
export function changedArea(before: Pixels, after: Pixels): Area | undefined {
  const { width, height, channels } = after.info;
  const rowBytes = width * channels;
  const isSameRow = (y: number) => {
    const [from, to] = [y * rowBytes, (y + 1) * rowBytes];
    return before.data.compare(after.data, from, to, from, to) === 0;
  };
  let top = 0;
  while (top < height && isSameRow(top)) top += 1;
  if (top === height) return undefined;
  let bottom = height;
  while (isSameRow(bottom - 1)) bottom -= 1;
  let left = rowBytes;
  let right = 0;
  for (let y = top; y < bottom; y += 1) {
    const row = y * rowBytes;
    const differs = (at: number) => before.data[row + at] !== after.data[row + at];
    let first = 0;
    while (first < left && !differs(first)) first += 1;
    left = first;
    let last = rowBytes - 1;
    while (last >= right && !differs(last)) last -= 1;
    right = Math.max(right, last + 1);
  }
  const x = even(Math.floor(left / channels));
  const y = even(top);
  return { x, y, width: Math.ceil(right / channels) - x, height: bottom - y };
}

const even = (coordinate: number) => coordinate - (coordinate % 2);
