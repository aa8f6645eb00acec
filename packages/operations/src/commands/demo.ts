import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { formatTable } from '../demo/report.ts';
import { runDemo } from '../demo/run-demo.ts';
import { runFolder } from '../demo/run-folder.ts';
import { localTargets } from '../demo/targets.ts';
import { UsageError } from '../usage-error.ts';

const HELP = `millrace demo [folder]

Sends sample input through every entry point of the running stack and waits until every result is
there: pictures, events of every type with duplicates, readings of 20 devices, orders with repeated
Idempotency-Keys. With a folder it uploads the files of that folder instead.

  --json            print the report as JSON
  --timeout <s>     how long to wait for a result (default 90)

Exit code 0: every result is exactly right. 1: at least one is not, or the stack cannot be reached.`;

/** @returns the exit code. */
export async function demo(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      timeout: { type: 'string', default: '90' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const options = {
    targets: localTargets(),
    stateFile: join(
      process.env.MILLRACE_STATE_DIR ?? join(repositoryRoot(), '.local'),
      'demo.json',
    ),
    timeoutMs: seconds(values.timeout) * 1000,
    // Progress goes to stderr, so that `--json` leaves stdout to the report.
    onProgress: (message: string) => console.error(`· ${message}`),
  };
  const [folder] = positionals;
  const report = folder === undefined ? await runDemo(options) : await runFolder(folder, options);
  console.log(values.json ? JSON.stringify(report, null, 2) : `\n${formatTable(report)}`);
  return report.wrong === 0 ? 0 : 1;
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new UsageError(`--timeout takes a number of seconds, not "${text}".`);
  return value;
}

function repositoryRoot(): string {
  return join(import.meta.dirname, '../../../..');
}
