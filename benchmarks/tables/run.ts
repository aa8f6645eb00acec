import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { machineFacts } from '../machine.ts';
import { readSizeOptions } from '../size-options.ts';
import { median } from '../statistics.ts';

/** Of the time that parsing alone and writing alone take together. */
const MIN_RATIO = 0.7;
const MAX_PEAK_BYTES = 256 * 2 ** 20;
/** As the function has them, see its environment: a young generation that stays small. */
const NODE_OPTIONS = ['--max-semi-space-size=16'];
const ROWS = 200_000;
/** A GiB of them. */
const LARGE_FILE_ROWS = 12_900_000;

/** @throws LocalCloudError USAGE, or what parseArgs throws */
export async function runTables(
  args: readonly string[],
  print: (line: string) => void,
): Promise<0 | 1> {
  const { rounds, scale, check } = readSizeOptions(args, 5);
  print(`  ${machineFacts()}`);
  const { speeds, ratio } = await compare(Math.ceil(ROWS * scale), rounds);
  for (const [name, speed] of Object.entries(speeds)) {
    print(`  ${name.padEnd(24)} ${Math.round(speed).toLocaleString('en').padStart(12)} rows/s`);
  }
  print(`  CSV of a dataset → Parquet, of parser and writer together: ${ratio.toFixed(2)}`);
  const large = await largeFile(Math.ceil(LARGE_FILE_ROWS * scale));
  print(
    `  ${mebibytes(large.bytes)} MiB in ${large.seconds.toFixed(1)} s, its generation included, with at most ${mebibytes(large.peakBytes)} MiB of memory`,
  );
  const isGood = ratio >= MIN_RATIO && large.peakBytes < MAX_PEAK_BYTES;
  return check && !isGood ? 1 : 0;
}

const SUBJECTS = ['parser', 'writer', 'stream', 'dataset', 'inferred'] as const;
type Subject = (typeof SUBJECTS)[number];

interface Comparison {
  /** In rows per second. */
  readonly speeds: Readonly<Record<Subject, number>>;
  readonly ratio: number;
}

async function compare(rows: number, rounds: number): Promise<Comparison> {
  const seconds: Record<Subject, number[]> = {
    ...{ parser: [], writer: [], stream: [], dataset: [], inferred: [] },
  };
  for (let round = 0; round < rounds; round += 1) {
    for (const name of SUBJECTS) {
      seconds[name].push(await inProcess<number>('measure.ts', name, String(rows)));
    }
  }
  const speed = (name: Subject) => rows / median(seconds[name]);
  const { parser, writer, dataset } = seconds;
  // Of each round by itself: what disturbed a round disturbed all of it.
  const ratios = dataset.map((own, at) => ((parser[at] ?? 0) + (writer[at] ?? 0)) / own);
  return {
    speeds: {
      ...{ parser: speed('parser'), writer: speed('writer'), stream: speed('stream') },
      ...{ dataset: speed('dataset'), inferred: speed('inferred') },
    },
    ratio: median(ratios),
  };
}

const largeFile = (rows: number) =>
  inProcess<{ bytes: number; seconds: number; peakBytes: number }>('large-file.ts', String(rows));

/** In a process of its own, whose memory nothing else has touched. */
async function inProcess<T>(program: string, ...args: readonly string[]): Promise<T> {
  const path = join(import.meta.dirname, program);
  const { stdout } = await promisify(execFile)(process.execPath, [...NODE_OPTIONS, path, ...args]);
  return JSON.parse(stdout);
}

const mebibytes = (bytes: number) => Math.round(bytes / 2 ** 20);
