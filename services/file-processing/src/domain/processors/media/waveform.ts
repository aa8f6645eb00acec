import { HEARD_SAMPLES } from './studio.ts';

/** https://github.com/bbc/audiowaveform/blob/master/doc/DataFormat.md */
export interface Waveform {
  readonly version: 2;
  readonly channels: 1;
  readonly sample_rate: number;
  readonly samples_per_pixel: number;
  readonly bits: 8;
  /** Pairs in `data`. */
  readonly length: number;
  /** The least and the greatest sample of each pixel, -128 to 127. */
  readonly data: readonly number[];
}

const PIXELS = 1000;

/** Gathers the peaks of a sound while it is heard; memory does not grow with its length. */
export function waveformOf(durationSeconds: number) {
  const samplesPerPixel = Math.max(1, Math.ceil((durationSeconds * HEARD_SAMPLES) / PIXELS));
  const data: number[] = [];
  let heard = 0;
  let [least, greatest] = [0, 0];
  const end = () => data.push(least >> 8, greatest >> 8);
  return {
    hear(samples: Int16Array): void {
      for (const sample of samples) {
        if (heard % samplesPerPixel === 0) {
          if (heard > 0) end();
          least = greatest = sample;
        } else if (sample < least) least = sample;
        else if (sample > greatest) greatest = sample;
        heard += 1;
      }
    },
    waveform(): Waveform {
      if (heard > 0) end();
      return {
        ...{ version: 2, channels: 1, sample_rate: HEARD_SAMPLES },
        ...{ samples_per_pixel: samplesPerPixel, bits: 8, length: data.length / 2, data },
      };
    },
  };
}

export const WAVEFORM_WIDTH = 1000;
export const WAVEFORM_HEIGHT = 160;
const INK = 0x40;

/** Dark on nothing, two bytes a pixel: grey and opacity. */
export function drawWaveform({ data, length }: Waveform): Uint8Array {
  const pixels = new Uint8Array(WAVEFORM_WIDTH * WAVEFORM_HEIGHT * 2);
  const row = (peak: number) => Math.round(((127 - peak) / 255) * (WAVEFORM_HEIGHT - 1));
  for (let x = 0; x < WAVEFORM_WIDTH; x += 1) {
    const pair = Math.floor((x * length) / WAVEFORM_WIDTH) * 2;
    for (let y = row(data[pair + 1] ?? 0); y <= row(data[pair] ?? 0); y += 1) {
      pixels.set([INK, 0xff], (y * WAVEFORM_WIDTH + x) * 2);
    }
  }
  return pixels;
}
