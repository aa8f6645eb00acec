import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { askLake } from '../lake/ask-lake.ts';
import { type Dataset, openLake } from '../lake/datasets.ts';
import { openFileCache } from '../lake/file-cache.ts';
import { LakeCacheError, LakeQueryError, LakeUnreachableError } from '../lake/lake-error.ts';
import { answerCsv, answerJson, answerTable } from '../lake/print-answer.ts';
import { alignRows } from '../terminal/columns.ts';
import { UsageError } from '../usage-error.ts';

const HELP = `millrace lake ["select …"]

Asks the lake in SQL (DuckDB): <table> is the current state of a table's items, changes_<table> every
change of them, both as of the last commit; events and logs are the archive. Without a question it
says what there is. It only reads.

  --limit <n>            rows, at most (default 1000)
  --json                 print an array of objects
  --csv                  print comma-separated values
  --stage <name>         where (default local)
  --cache <folder>       where files of the lake are kept (default in the system's temporary folder)
  --cache-megabytes <n>  how much of them, at most (default 4096)

Exit code 0: answered. 1: the question cannot be answered. 2: wrong usage. 3: the lake cannot be reached.`;

interface Settings {
  readonly sql: string | undefined;
  readonly limit: number;
  readonly format: 'table' | 'json' | 'csv';
  readonly stage: string;
  readonly cache: string;
  readonly cacheBytes: number;
}

/** @returns the exit code. */
export async function lake(args: string[]): Promise<number> {
  const settings = readSettings(args);
  if (settings === undefined) {
    console.log(HELP);
    return 0;
  }
  const opened = openLake(settings.stage);
  try {
    const datasets = await opened.datasets();
    if (settings.sql === undefined) showDatasets(datasets, settings);
    else await ask(settings.sql, datasets, settings);
    return 0;
  } catch (error) {
    const isKnown = [LakeUnreachableError, LakeCacheError, LakeQueryError].some(
      (kind) => error instanceof kind,
    );
    if (!isKnown) throw error;
    const { message, code } = error as LakeQueryError;
    console.error(`millrace: ${message} [${code}]`);
    return error instanceof LakeUnreachableError ? 3 : 1;
  } finally {
    opened.close();
  }
}

async function ask(sql: string, datasets: readonly Dataset[], settings: Settings): Promise<void> {
  const { cache: folder, cacheBytes, stage, format, limit } = settings;
  const cache = await openFileCache(folder, cacheBytes, stage);
  const answer = await askLake(sql, datasets, cache, limit);
  if (format === 'json') console.log(answerJson(answer));
  else if (format === 'csv') process.stdout.write(answerCsv(answer));
  else console.log(answerTable(answer).join('\n'));
  if (answer.isPartial)
    console.error(`There are more rows: these are the first ${limit} (--limit).`);
}

function showDatasets(datasets: readonly Dataset[], { format }: Settings): void {
  const shown = datasets.map(({ name, rows, committedAt }) => ({ name, rows, committedAt }));
  if (format === 'json') {
    console.log(JSON.stringify(shown, null, 2));
    return;
  }
  const cells = shown.map(({ name, rows, committedAt }) => [
    ...[name, rows === undefined ? '' : String(rows), committedAt ?? ''],
  ]);
  const lines = alignRows([['name', 'rows', 'committed'], ...cells], new Set([1]));
  console.log(lines.map((line) => line.trimEnd()).join('\n'));
}

function readSettings(args: string[]): Settings | undefined {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      limit: { type: 'string', default: '1000' },
      json: { type: 'boolean', default: false },
      csv: { type: 'boolean', default: false },
      stage: { type: 'string', default: 'local' },
      cache: { type: 'string', default: join(tmpdir(), 'millrace-lake') },
      'cache-megabytes': { type: 'string', default: '4096' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  if (positionals.length > 1) throw new UsageError('Put the question in quotes: "select …".');
  if (values.json && values.csv) throw new UsageError('--json and --csv exclude each other.');
  const [sql] = positionals;
  if (values.csv && sql === undefined) throw new UsageError('--csv is for answers: ask something.');
  return {
    sql,
    limit: countOf('--limit', values.limit, 1_000_000),
    format: values.json ? 'json' : values.csv ? 'csv' : 'table',
    stage: values.stage,
    cache: values.cache,
    cacheBytes: countOf('--cache-megabytes', values['cache-megabytes'], 1_000_000) * 1024 ** 2,
  };
}

function countOf(option: string, text: string, most: number): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= most) return count;
  throw new UsageError(`${option} takes a number from 1 to ${most}, not "${text}".`);
}
