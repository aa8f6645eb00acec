import { parseArgs } from 'node:util';
import { LocalCloudError } from '@millrace/local-cloud/errors';
import { photo } from '../../services/file-processing/tests/model/pictures.ts';
import { machineFacts } from '../machine.ts';
import { median } from '../statistics.ts';
import { decodePerSize, ours, type Rival, rawCascade } from './rivals.ts';

/** Least ratios of our thumbnails a second. */
const OVER_RAW = 0.9;
const OVER_DECODE_PER_SIZE = 1.4;

export interface ImagesOptions {
  readonly rounds: number;
  readonly pictures: number;
  readonly check: boolean;
}

/** @throws LocalCloudError USAGE, or what parseArgs throws */
export function readOptions(args: readonly string[]): ImagesOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '15' },
      pictures: { type: 'string', default: '5' },
      check: { type: 'boolean', default: false },
    },
  });
  const [rounds, pictures] = [Number(values.rounds), Number(values.pictures)];
  if (!(Number.isInteger(rounds) && rounds >= 1 && Number.isInteger(pictures) && pictures >= 1))
    throw new LocalCloudError('USAGE', '--rounds and --pictures are whole numbers from 1.');
  return { rounds, pictures, check: values.check };
}

/** @param size of the pictures that are measured: 12 megapixels, unless a test has no time for them */
export async function runImages(
  { rounds, pictures, check }: ImagesOptions,
  print: (line: string) => void,
  size = { width: 4000, height: 3000 },
): Promise<0 | 1> {
  const jpeg = await photo(size.width, size.height);
  const rivals: readonly Rival[] = [ours, rawCascade, decodePerSize];
  const rates: number[][] = rivals.map(() => []);
  for (const rival of rivals) await rateOf(rival, jpeg, 2);
  // They take turns within each round, so that what else the machine does meets all of them; and each
  // round begins with another, because what one leaves behind (garbage, a warm processor) meets the next.
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < rivals.length; turn += 1) {
      const at = (round + turn) % rivals.length;
      const rival = rivals[at];
      if (rival) rates[at]?.push(await rateOf(rival, jpeg, pictures));
    }
  }
  const [mine = 0, raw = 0, perSize = 0] = rates.map(median);
  // Of each round by itself: what disturbed a round disturbed all of it.
  const ratio = (rival: number) =>
    median((rates[0] ?? []).map((rate, round) => rate / (rates[rival]?.[round] ?? Number.NaN)));
  const overRaw = ratio(1);
  const overPerSize = ratio(2);
  print(`\n${machineFacts()}\n${rounds} rounds of ${pictures} pictures, one after the other\n`);
  print(
    [
      '| one JPEG of 12 megapixels into the ladder | renditions/s | Millrace over it | at least |',
      '|---|---:|---:|---:|',
      `| Millrace, with facts, hash, colour and placeholder | ${mine.toFixed(1)} | | |`,
      `| sharp alone, the same cascade | ${raw.toFixed(1)} | ${overRaw.toFixed(2)} | ${OVER_RAW} |`,
      `| sharp alone, a pipeline and a decoding for each rendition | ${perSize.toFixed(1)} | ${overPerSize.toFixed(2)} | ${OVER_DECODE_PER_SIZE} |`,
    ].join('\n'),
  );
  return check && (overRaw < OVER_RAW || overPerSize < OVER_DECODE_PER_SIZE) ? 1 : 0;
}

/** Renditions a second, of one picture after the other: an environment of the function has one at a time. */
async function rateOf(rival: Rival, jpeg: Buffer, pictures: number): Promise<number> {
  const startedAt = performance.now();
  let made = 0;
  for (let picture = 0; picture < pictures; picture += 1) made += await rival(jpeg);
  return made / ((performance.now() - startedAt) / 1_000);
}
