import type { Pixels } from './pixels.ts';

const COLUMNS = 9;
const ROWS = 8;

/** In levels of 256: less is noise of the encoder, which would make the bits of an even sky random. */
const LEAST_DIFFERENCE = 1.5;

/**
 * The difference hash: the picture in 9 × 8 grey cells, and for each whether the next to its right is
 * brighter. Scaling, recompression and changes of brightness leave nearly all bits as they are.
 *
 * @returns 64 bits in hexadecimal
 */
export function perceptualHash(pixels: Pixels): string {
  const cells = greyCells(pixels);
  let bits = 0n;
  for (let row = 0; row < ROWS; row += 1) {
    for (let column = 1; column < COLUMNS; column += 1) {
      const at = row * COLUMNS + column;
      const isBrighter = (cells[at] ?? 0) - (cells[at - 1] ?? 0) > LEAST_DIFFERENCE;
      bits = (bits << 1n) | (isBrighter ? 1n : 0n);
    }
  }
  return bits.toString(16).padStart(16, '0');
}

/** The mean brightness of each cell, as it looks on white. */
function greyCells({ data, info: { width, height, channels } }: Pixels): Float64Array {
  const cells = new Float64Array(COLUMNS * ROWS);
  for (let row = 0; row < ROWS; row += 1) {
    const [top, bottom] = span(row, ROWS, height);
    for (let column = 0; column < COLUMNS; column += 1) {
      const [left, right] = span(column, COLUMNS, width);
      let sum = 0;
      for (let y = top; y < bottom; y += 1) {
        for (let x = left; x < right; x += 1) {
          sum += brightness(data, (y * width + x) * channels, channels);
        }
      }
      cells[row * COLUMNS + column] = sum / ((bottom - top) * (right - left));
    }
  }
  return cells;
}

/** Which pixels a cell covers: at least one, also where there are fewer pixels than cells. */
function span(cell: number, cells: number, pixels: number): [number, number] {
  const from = Math.floor((cell * pixels) / cells);
  return [from, Math.max(from + 1, Math.floor(((cell + 1) * pixels) / cells))];
}

/** ITU-R BT.601. */
function brightness(data: Uint8Array, at: number, channels: number): number {
  const first = data[at] ?? 0;
  const isGrey = channels < 3;
  const grey = isGrey
    ? first
    : 0.299 * first + 0.587 * (data[at + 1] ?? 0) + 0.114 * (data[at + 2] ?? 0);
  if (channels % 2 === 1) return grey;
  const alpha = (data[at + channels - 1] ?? 0) / 255;
  return grey * alpha + 255 * (1 - alpha);
}
