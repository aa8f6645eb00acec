/**
 * `npm run bench -- triggers|idle [arguments]`: measurements, see benchmarks/README.md. They print
 * figures; none of them is a test.
 */
import { LocalCloudError } from '@millrace/local-cloud/errors';
import { errorLine } from './terminal.ts';

const [name = '', ...args] = process.argv.slice(2);
const print = (line: string) => console.log(line);

async function run(): Promise<number> {
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
    `There is no benchmark "${name}": npm run bench -- triggers, or npm run bench -- idle; benchmarks/README.md tells their options.`,
  );
}

run().then(
  // What was measured has ended; a client's idle connection must not hold the process.
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(errorLine(error));
    process.exit(1);
  },
);
