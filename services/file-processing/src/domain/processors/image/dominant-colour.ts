import type { Pixels } from './pixels.ts';

/** Colours that share the upper three bits of each channel are counted together. */
const BINS = 8 ** 3;

/**
 * The mean of the colours of which there are most, as `#rrggbb`; undefined where nothing is visible.
 */
export function dominantColour({ data, info: { channels } }: Pixels): string | undefined {
  const counts = new Uint32Array(BINS);
  const sums = new Float64Array(BINS * 3);
  const hasAlpha = channels % 2 === 0;
  const isGrey = channels < 3;
  for (let at = 0; at < data.length; at += channels) {
    if (hasAlpha && (data[at + channels - 1] ?? 0) < 128) continue;
    const red = data[at] ?? 0;
    const green = isGrey ? red : (data[at + 1] ?? 0);
    const blue = isGrey ? red : (data[at + 2] ?? 0);
    const bin = ((red >> 5) << 6) | ((green >> 5) << 3) | (blue >> 5);
    counts[bin] = (counts[bin] ?? 0) + 1;
    sums[bin * 3] = (sums[bin * 3] ?? 0) + red;
    sums[bin * 3 + 1] = (sums[bin * 3 + 1] ?? 0) + green;
    sums[bin * 3 + 2] = (sums[bin * 3 + 2] ?? 0) + blue;
  }
  const most = Math.max(...counts);
  const bin = counts.indexOf(most);
  if (most === 0) return undefined;
  const mean = [...sums.subarray(bin * 3, bin * 3 + 3)].map((sum) => Math.round(sum / most));
  return `#${mean.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}
