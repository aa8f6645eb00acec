/**
 * `npm run bench -- triggers|idle [arguments]`: measurements, see benchmarks/README.md. They print
 * figures; none of them is a test.
 */
import { LocalCloudError } from '@millrace/local-cloud/errors';
import { printFailure, printHelp } from './terminal.ts';

const HELP = `npm run bench -- triggers|idle [options]

Measurements; benchmarks/README.md says what of, and what they showed last.

  --check           exit code 1 where a figure is not what it has to be
triggers
  --rounds <n>      rounds, of which the medians are printed (default 3)
  --scale <x>       part of the usual number of events (default 1)
  --sources a,b     of s3, kinesis, dynamodb, sqs, mqtt (default all)
  --state <place>   of Millrace: memory, as MiniStack's (default), or disk
  --solo            without MiniStack
idle
  --rest <s>        seconds of rest before (default 30)
  --seconds <s>     seconds of measuring (default 60)`;

const [name = '', ...args] = process.argv.slice(2);
const print = (line: string) => console.log(line);

async function run(): Promise<number> {
  if (printHelp(process.argv.slice(2), HELP)) return 0;
  if (name === 'triggers') {
    const { readOptions, runTriggers } = await import('../benchmarks/triggers/run.ts');
    return runTriggers(readOptions(args), print);
  }
  if (name === 'idle') {
    const { readOptions, runIdle } = await import('../benchmarks/idle/run.ts');
    return runIdle(readOptions(args), print);
  }
  throw new LocalCloudError(
    'USAGE',
    name === '' ? 'Which benchmark?' : `There is no benchmark "${name}".`,
  );
}

run().then(
  // What was measured has ended; a client's idle connection must not hold the process.
  (code) => process.exit(code),
  (error: unknown) => {
    printFailure(error, HELP);
    process.exit(1);
  },
);
