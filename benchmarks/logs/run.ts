import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { machineFacts } from '../machine.ts';
import { readSizeOptions } from '../size-options.ts';
import { median } from '../statistics.ts';
import { FORMATS, type FormatName, generate } from './generate.ts';
import { parse, parsed, work, write } from './subjects.ts';

/** Of the time that parsing alone and writing alone take together. */
const MIN_RATIO = 0.7;
const MAX_PEAK_BYTES = 256 * 2 ** 20;
/**
 * Node gives objects that live for a batch up to 100 MiB before it looks which are alive. A function
 * that streams wants fewer: the one in AWS is started likewise.
 */
const YOUNG_GENERATION = '--max-semi-space-size=8';
/** A GiB of them. */
const LARGE_FILE_LINES = 5_000_000;

/** @throws LocalCloudError USAGE, or what parseArgs throws */
export async function runLogs(
  args: readonly string[],
  print: (line: string) => void,
): Promise<0 | 1> {
  const { rounds, scale, check } = readSizeOptions(args, 3);
  print(`  ${machineFacts()}`);
  print('  lines/s:      parser alone   writer alone   log to Parquet   of both together');
  let isGood = true;
  for (const format of FORMATS) {
    const figures = await compare(format, Math.ceil(100_000 * scale), rounds);
    isGood &&= figures.ratio >= MIN_RATIO;
    print(row(format, figures));
  }
  const large = await largeFile(Math.ceil(LARGE_FILE_LINES * scale));
  isGood &&= large.peakBytes < MAX_PEAK_BYTES;
  print(
    `  ${mebibytes(large.bytes)} MiB of combined in ${large.seconds.toFixed(1)} s, its generation included, with at most ${mebibytes(large.peakBytes)} MiB of memory`,
  );
  return check && !isGood ? 1 : 0;
}

interface Figures {
  /** Lines per second. */
  readonly parser: number;
  readonly writer: number;
  readonly whole: number;
  readonly ratio: number;
}

/** The three take turns, so that what else the machine does meets all of them. */
async function compare(format: FormatName, lines: number, rounds: number): Promise<Figures> {
  const file: Uint8Array[] = [];
  for await (const chunk of generate(format, lines)) file.push(chunk);
  const size = file.reduce((sum, { length }) => sum + length, 0);
  const source = async function* () {
    yield* file;
  };
  const rows = await parsed(format, source);
  const subjects = {
    parser: () => parse(format, source),
    writer: () => write(format, rows),
    whole: () => work(format, source, size),
  };
  const seconds = { parser: [0], writer: [0], whole: [0] };
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of ['parser', 'writer', 'whole'] as const) {
      const started = performance.now();
      await subjects[name]();
      // The first round is the compiler's.
      seconds[name][Math.max(0, round - 1)] = (performance.now() - started) / 1000;
    }
  }
  const [parser, writer, whole] = [
    median(seconds.parser),
    median(seconds.writer),
    median(seconds.whole),
  ];
  return {
    ...{ parser: lines / parser, writer: lines / writer, whole: lines / whole },
    ratio: (parser + writer) / whole,
  };
}

function row(format: string, { parser, writer, whole, ratio }: Figures): string {
  const cells = [
    `  ${format.padEnd(12)}`,
    Math.round(parser).toLocaleString('en').padStart(14),
    Math.round(writer).toLocaleString('en').padStart(14),
    Math.round(whole).toLocaleString('en').padStart(16),
    ratio.toFixed(2).padStart(18),
  ];
  return cells.join(' ');
}

/** In a process of its own, whose memory nothing else has touched. */
async function largeFile(
  lines: number,
): Promise<{ bytes: number; seconds: number; peakBytes: number }> {
  const program = join(import.meta.dirname, 'large-file.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [
    YOUNG_GENERATION,
    program,
    String(lines),
  ]);
  return JSON.parse(stdout);
}

const mebibytes = (bytes: number) => Math.round(bytes / 2 ** 20);
