import { join } from 'node:path';
import { localTargets } from '../demo/targets.ts';
import { runSimulation } from '../simulate/run-simulation.ts';
import { readSimulateArguments } from '../simulate/simulate-arguments.ts';
import { formatSimulation } from '../simulate/simulation-report.ts';
import { createLiveLine } from '../terminal/live-line.ts';

const HELP = `millrace simulate [options]

A fleet of devices over MQTT: dropped connections, duplicates, readings that are late or dated by wrong
clocks, faulty firmware, strangers. What it does follows from the seed, and so do the totals that the
platform must report: they are compared to the unit, in total and device by device.

  --devices <n>     devices that are registered (default 100)
  --rate <n>        readings a second of each device (default 1)
  --minutes <n>     for how long (default 1)
  --seed <n>        what all of it follows from (default 1)
  --tls <n>         so many devices connect over TLS with a certificate (default 10)
  --json            print the report as JSON
  --timeout <s>     how long the platform may stand still before it is asked for the last time (default 120)

A device waits for each PUBACK, so a slow broker makes it late, and nothing is left out; the report
says which rate was reached. The platform is awaited as long as it goes on counting.

Exit code 0: every total is exactly right. 1: at least one is not, or the stack cannot be reached.
2: wrong usage.`;

/** @returns the exit code. */
export async function simulate(args: string[]): Promise<number> {
  const { help, json, timeoutMs, ...fleet } = readSimulateArguments(args);
  if (help) {
    console.log(HELP);
    return 0;
  }
  const report = await runSimulation({
    ...{ fleet, timeoutMs, targets: localTargets() },
    stateDir: process.env.MILLRACE_STATE_DIR ?? join(repositoryRoot(), '.local'),
    // Progress goes to stderr, so that `--json` leaves stdout to the report.
    progress: createLiveLine(process.stderr),
  });
  console.log(json ? JSON.stringify(report, null, 2) : `\n${formatSimulation(report)}`);
  return report.wrong === 0 ? 0 : 1;
}

function repositoryRoot(): string {
  return join(import.meta.dirname, '../../../..');
}
