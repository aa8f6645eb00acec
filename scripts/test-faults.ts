/**
 * `npm run test:faults -- --seeds 1000 [--from 1] [--workers 2]`, or `--seed 42` for one alone:
 * random inputs under random fault plans through the handlers of all services; what is stored must
 * be what was sent, to the unit. Ends with "N passed, N failed".
 */
import { parseArgs } from 'node:util';
import { LocalCloudError } from '@millrace/local-cloud/errors';
import { describeFailure, summaryOf } from '../tests/faults/report.ts';
import { runOnWorkers } from '../tests/faults/run-workers.ts';
import { printFailure, printHelp } from './terminal.ts';
import { closingLine } from './test-run.ts';

interface Options {
  readonly from: number;
  readonly count: number;
  readonly workers: number;
}

const HELP = `npm run test:faults [-- options]

Random fault plans through the handlers of all services; what was sent and what is stored must agree.

  --seeds <n>      how many plans (default 100)
  --from <n>       the first seed (default 1)
  --seed <n>       this one only
  --workers <n>    processes at a time (default 2)`;

/** @throws LocalCloudError USAGE, or what parseArgs throws */
function readOptions(): Options {
  if (printHelp(process.argv.slice(2), HELP)) process.exit(0);
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '100' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      workers: { type: 'string', default: '2' },
    },
  });
  return {
    from: wholeNumber(values.seed === undefined ? 'from' : 'seed', values.seed ?? values.from),
    count: values.seed === undefined ? wholeNumber('seeds', values.seeds) : 1,
    workers: wholeNumber('workers', values.workers),
  };
}

function wholeNumber(name: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new LocalCloudError('USAGE', `--${name} takes a whole number from 1, not ${text}.`);
}

async function main({ from, count, workers }: Options): Promise<number> {
  const startedAt = performance.now();
  let done = 0;
  let failed = 0;
  const seeds = Array.from({ length: count }, (_, at) => from + at);
  const results = await runOnWorkers(seeds, workers, (result) => {
    done += 1;
    if (result.mismatches.length > 0) {
      failed += 1;
      console.log(describeFailure(result));
    }
    if (done % 25 === 0 || done === count) {
      const seconds = Math.round((performance.now() - startedAt) / 1000);
      console.log(`${done} of ${count} seeds, ${failed} failed, ${seconds} s`);
    }
  });
  const { sent, givenUp, injected } = summaryOf(results);
  console.log(
    `\n${sent} inputs sent, ${givenUp} given up by retries and redriven; faults injected:`,
  );
  for (const [kind, number] of Object.entries(injected)) console.log(`  ${kind}: ${number}`);
  console.log(`\n${closingLine({ passed: count - failed, failed, skipped: 0 })}`);
  return failed > 0 ? 1 : 0;
}

function optionsOrEnd(): Options {
  try {
    return readOptions();
  } catch (error) {
    printFailure(error, HELP);
    process.exit(2);
  }
}

process.exitCode = await main(optionsOrEnd());
