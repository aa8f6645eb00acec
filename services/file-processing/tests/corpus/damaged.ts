import { type CorpusFile, corpusFile, seededRandom } from './corpus-file.ts';
import type { GoodFile } from './good-files.ts';

/** A good file with its end missing: before and inside each part of its format, and at odd places. */
export function truncated({ format, fileName, mediaType, bytes, markers }: GoodFile): CorpusFile[] {
  const parts = markers
    .map((marker) => bytes.indexOf(Buffer.from(marker, 'latin1')))
    .filter((at) => at > 0)
    .flatMap((at) => [at, at + 1]);
  const cuts = new Set([4, ...parts, bytes.length >> 1, bytes.length - 8, bytes.length - 1]);
  return [...cuts]
    .filter((cut) => cut > 0 && cut < bytes.length)
    .sort((a, b) => a - b)
    .map((cut) => {
      const name = `${format} of ${bytes.length} bytes cut at ${cut}`;
      const at = `${cut}-${fileName}`;
      return corpusFile('truncated', name, at, bytes.subarray(0, cut), 'either', mediaType);
    });
}

/** A good file with one bit in a hundred bytes turned, and with half of its bytes thrown dice for. */
export function flipped({ format, fileName, mediaType, bytes }: GoodFile): CorpusFile[] {
  const random = seededRandom(bytes.length);
  const turned = Buffer.from(bytes);
  for (let flips = 0; flips < 1 + bytes.length / 100; flips += 1) {
    const at = Math.floor(random() * bytes.length);
    turned[at] = (turned[at] ?? 0) ^ (1 << Math.floor(random() * 8));
  }
  const noisy = Buffer.from(bytes);
  for (let at = bytes.length >> 1; at < bytes.length; at += 1)
    noisy[at] = Math.floor(random() * 256);
  const file = (name: string, fileAs: string, content: Buffer) =>
    corpusFile('flipped', `${format}, ${name}`, fileAs, content, 'either', mediaType);
  return [
    file('bits turned', `bits-${fileName}`, turned),
    file('second half noise', `noise-${fileName}`, noisy),
  ];
}
