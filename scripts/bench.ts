/**
 * `npm run bench -- <name> [arguments]`: measurements, see benchmarks/README.md. They print figures;
 * none of them is a test.
 */
import { LocalCloudError } from '@millrace/local-cloud/errors';
import { type Benchmark, loadBenchmarks } from '../benchmarks/benchmark.ts';
import { printFailure, printHelp } from './terminal.ts';

const benchmarks = await loadBenchmarks();
const help = helpOf(benchmarks);
const [name = '', ...args] = process.argv.slice(2);

function helpOf(all: ReadonlyMap<string, Benchmark>): string {
  return [
    'npm run bench -- <name> [options]',
    '',
    'Measurements; benchmarks/README.md says what of, and what they showed last.',
    '',
    '  --check           exit code 1 where a figure is not what it has to be',
    '',
    'The benchmarks, and the options of each:',
    '',
    ...[...all].flatMap(([each, { options }]) => [each, options]),
  ].join('\n');
}

async function run(): Promise<number> {
  if (printHelp(process.argv.slice(2), help)) return 0;
  const benchmark = benchmarks.get(name);
  if (benchmark) return benchmark.run(args, (line) => console.log(line));
  const known = [...benchmarks.keys()].join(', ');
  const which = name === '' ? 'Which benchmark?' : `There is no benchmark "${name}".`;
  throw new LocalCloudError('USAGE', `${which} There are: ${known}.`);
}

run().then(
  // What was measured has ended; a client's idle connection must not hold the process.
  (code) => process.exit(code),
  (error: unknown) => {
    printFailure(error, help);
    process.exit(1);
  },
);
