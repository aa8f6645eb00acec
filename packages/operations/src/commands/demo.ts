import { join } from 'node:path';
import { readDemoArguments } from '../demo/demo-arguments.ts';
import { formatTable } from '../demo/report.ts';
import { runDemo } from '../demo/run-demo.ts';
import { runFolder } from '../demo/run-folder.ts';
import { localTargets } from '../demo/targets.ts';

const HELP = `millrace demo [folder]

Sends sample input through every entry point of the running stack and waits until every result is
there: pictures, events of every type with duplicates, readings of 20 devices, orders with repeated
Idempotency-Keys. With a folder it uploads the files of that folder instead.

  --json            print the report as JSON
  --timeout <s>     how long to wait for a result (default 90)

Exit code 0: every result is exactly right. 1: at least one is not, or the stack cannot be reached.`;

/** @returns the exit code. */
export async function demo(args: string[]): Promise<number> {
  const { help, json, timeoutMs, folder } = readDemoArguments(args);
  if (help) {
    console.log(HELP);
    return 0;
  }
  const options = {
    targets: localTargets(),
    stateFile: join(
      process.env.MILLRACE_STATE_DIR ?? join(repositoryRoot(), '.local'),
      'demo.json',
    ),
    timeoutMs,
    // Progress goes to stderr, so that `--json` leaves stdout to the report.
    onProgress: (message: string) => console.error(`· ${message}`),
  };
  const report = folder === undefined ? await runDemo(options) : await runFolder(folder, options);
  console.log(json ? JSON.stringify(report, null, 2) : `\n${formatTable(report)}`);
  return report.wrong === 0 ? 0 : 1;
}

function repositoryRoot(): string {
  return join(import.meta.dirname, '../../../..');
}
