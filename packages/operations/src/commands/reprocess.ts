import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { RedoScope } from '@millrace/types';
import { type Counted, countFiles, findFiles } from '../reprocess/find-files.ts';
import { redoFiles, type Tally } from '../reprocess/redo-files.ts';
import {
  lambdaReprocessor,
  type Reprocessor,
  ReprocessorError,
  type Wanted,
} from '../reprocess/reprocessor.ts';
import { showProgress } from '../reprocess/show-progress.ts';
import { alignRows } from '../terminal/columns.ts';
import { UsageError } from '../usage-error.ts';

const HELP = `millrace reprocess --prefix <tenant>/…

Has uploads processed again whose results are of an older version of their processor, and those that
had failed. Old results are shown until the new ones are there. An interrupted run is gone on with by
the same command.

  --prefix <text>   of the objects' keys; '' stands for all
  --kind <name>     only image, media, document, log or table
  --failed          only files that could not be processed
  --all             every file, whatever made its result
  --before <time>   only results that are older, ISO 8601 (goes on with an interrupted --all)
  --dry-run         only count
  --at-once <n>     how many are processed at a time (default 20)
  --timeout <s>     how long to wait for one result (default 1200)
  --stage <name>    where (default local)
  --json            print the report as JSON
  --yes             do not ask

Exit code 0: everything was done. 1: some failed, did not finish or are left. 2: wrong usage.
3: the function that is to do it cannot be invoked.`;

interface Settings extends Wanted {
  /** What is done again is newer: an interrupted run of all goes on with what is older. */
  readonly before: string | undefined;
  readonly atOnce: number;
  readonly timeoutMs: number;
  readonly isDryRun: boolean;
  readonly isJson: boolean;
  readonly isAgreed: boolean;
  readonly stage: string;
}

/** @returns the exit code. */
export async function reprocess(args: string[]): Promise<number> {
  const settings = readSettings(args);
  if (settings === undefined) {
    console.log(HELP);
    return 0;
  }
  const reprocessor = lambdaReprocessor(settings.stage);
  try {
    return await run(settings, reprocessor);
  } catch (error) {
    if (!(error instanceof ReprocessorError)) throw error;
    console.error(`millrace: ${error.message} [${error.code}]`);
    return 3;
  } finally {
    reprocessor.close();
  }
}

async function run(settings: Settings, reprocessor: Reprocessor): Promise<number> {
  const found = await countFiles(findFiles(reprocessor, settings, settings.before));
  const total = found.reduce((sum, { files }) => sum + files, 0);
  if (!settings.isJson) console.log(countTable(found, total));
  if (settings.isDryRun || total === 0) {
    if (settings.isJson) console.log(JSON.stringify({ total, found }, null, 2));
    return 0;
  }
  if (!settings.isAgreed && !(await isAgreedTo(total))) return 1;
  const stop = new AbortController();
  const abort = () => stop.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, abort);
  const tally = await redoFiles(findFiles(reprocessor, settings, settings.before), {
    ...{ reprocessor, atOnce: settings.atOnce, timeoutMs: settings.timeoutMs },
    signal: stop.signal,
    onProgress: showProgress(process.stderr, total),
    now: Date.now,
    pause: () => sleep(500, undefined, { signal: stop.signal }).catch(() => undefined),
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, abort);
  if (process.stderr.isTTY) process.stderr.write('\n');
  const left = await countFiles(findFiles(reprocessor, settings, settings.before));
  return report(settings, tally, {
    total,
    found,
    left: left.reduce((sum, { files }) => sum + files, 0),
    isStopped: stop.signal.aborted,
  });
}

function report(
  { isJson, before, scope }: Settings,
  tally: Tally,
  run: {
    readonly total: number;
    readonly found: readonly Counted[];
    readonly left: number;
    readonly isStopped: boolean;
  },
): number {
  const { left, isStopped } = run;
  if (isJson) console.log(JSON.stringify({ ...run, ...tally, before }, null, 2));
  else {
    const { taken, ready, rejected, failed, changed, unfinished } = tally;
    console.log(
      `${taken} taken up: ${ready} ready, ${rejected} rejected, ${failed} failed, ${changed} replaced or removed meanwhile, ${unfinished} unfinished. Left: ${left}.`,
    );
    if (isStopped) {
      const more = scope === 'all' ? ` with --before ${before}` : '';
      console.log(`Stopped. The same command${more} goes on.`);
    }
  }
  return tally.failed + tally.unfinished + left === 0 ? 0 : 1;
}

function countTable(found: readonly Counted[], total: number): string {
  if (total === 0) return 'No file is to be processed again.';
  const rows = found.map(({ kind, status, processorVersion, files }) => [
    kind,
    status,
    processorVersion === undefined ? '–' : String(processorVersion),
    String(files),
  ]);
  const table = [['kind', 'status', 'version', 'files'], ...rows, ['all', '', '', String(total)]];
  return alignRows(table, new Set([2, 3])).join('\n');
}

async function isAgreedTo(total: number): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new UsageError('Nobody can be asked here: say --yes, or --dry-run to only count.');
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`Process ${total} files again? [y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

function readSettings(args: string[]): Settings | undefined {
  const { values } = parseArgs({
    args,
    options: {
      prefix: { type: 'string' },
      kind: { type: 'string' },
      failed: { type: 'boolean', default: false },
      all: { type: 'boolean', default: false },
      before: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      'at-once': { type: 'string', default: '20' },
      timeout: { type: 'string', default: '1200' },
      stage: { type: 'string', default: 'local' },
      json: { type: 'boolean', default: false },
      yes: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  if (values.prefix === undefined) throw new UsageError("--prefix is needed ('' stands for all).");
  if (values.failed && values.all) throw new UsageError('--failed and --all exclude each other.');
  const scope: RedoScope = values.failed ? 'failed' : values.all ? 'all' : 'outdated';
  return {
    prefix: values.prefix,
    scope,
    kind: values.kind,
    before: scope === 'outdated' && values.before === undefined ? undefined : timeOf(values.before),
    atOnce: countOf('--at-once', values['at-once'], 500),
    timeoutMs: countOf('--timeout', values.timeout, 86_400) * 1000,
    isDryRun: values['dry-run'],
    isJson: values.json,
    isAgreed: values.yes,
    stage: values.stage,
  };
}

function timeOf(text: string | undefined): string {
  const time = new Date(text ?? Date.now());
  if (Number.isNaN(time.getTime())) throw new UsageError(`--before takes a time, not "${text}".`);
  return time.toISOString();
}

function countOf(option: string, text: string, most: number): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= most) return count;
  throw new UsageError(`${option} takes a number from 1 to ${most}, not "${text}".`);
}
