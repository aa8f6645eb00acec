import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { postgresUrl } from '@millrace/local-cloud/addresses';
import { createPostgres } from '@millrace/local-cloud/postgres';
import { machineFacts } from '../machine.ts';
import { readSizeOptions } from '../size-options.ts';
import { median } from '../statistics.ts';
import { SUBJECTS, type Subject, type Subjects, startSubjects } from './subjects.ts';

/** Of the hand-written statement, whose rows are ready before it begins. */
const MIN_RATIO = 0.7;
const CHANGES = 20_000;

/** @throws LocalCloudError USAGE, or what parseArgs throws */
export async function runSql(
  args: readonly string[],
  print: (line: string) => void,
): Promise<0 | 1> {
  const { rounds, scale, check, own } = readSizeOptions(args, 5, ['url']);
  print(`  ${machineFacts()}`);
  const count = Math.ceil(CHANGES * scale);
  const measured = await withDatabase(own.url, (url) => compare(url, count, rounds));
  for (const name of SUBJECTS) {
    const speed = Math.round(count / median(measured.map((round) => round[name])));
    print(`  ${name.padEnd(24)} ${speed.toLocaleString('en').padStart(12)} upserts/s`);
  }
  // Of each round by itself: what disturbed a round disturbed all of it.
  const ratio = median(measured.map((round) => round['hand-written'] / round.sink));
  print(`  the sink, of the hand-written statement: ${ratio.toFixed(2)}`);
  return check && ratio < MIN_RATIO ? 1 : 0;
}

type Round = Readonly<Record<Subject, number>>;

/** Seconds of each subject, in turns; a round before them is not counted. */
async function compare(url: string, count: number, rounds: number): Promise<Round[]> {
  const subjects = await startSubjects(url, count);
  try {
    const measured: Round[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      const isTurned = round % 2 === 1;
      measured.push(await measureRound(subjects, isTurned));
    }
    return measured.slice(1);
  } finally {
    await subjects.close();
  }
}

async function measureRound(subjects: Subjects, isTurned: boolean): Promise<Round> {
  const seconds = { 'hand-written': 0, sink: 0 };
  for (const name of isTurned ? SUBJECTS.toReversed() : SUBJECTS) {
    await subjects.empty();
    const start = performance.now();
    await subjects.run[name]();
    seconds[name] = (performance.now() - start) / 1_000;
  }
  return seconds;
}

async function withDatabase<T>(
  url: string | undefined,
  work: (url: string) => Promise<T>,
): Promise<T> {
  if (url) return await work(url);
  const stateDir = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const engine = createPostgres({ stateDir, log: () => {} });
  try {
    return await work(postgresUrl(await engine.listen(0)));
  } finally {
    await engine.close();
    rmSync(stateDir, { recursive: true, force: true });
  }
}
