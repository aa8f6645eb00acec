/** `npm run conformance [-- options]`: what AWS documents, asked of Millrace and of others. */
import { HELP, runConformance } from '../tests/conformance/command-line.ts';
import { printFailure, printHelp } from './terminal.ts';

const args = process.argv.slice(2);
const run = async () => (printHelp(args, HELP) ? 0 : runConformance(args));

run().then(
  // Whatever a stopped implementation left open must not hold the process.
  (code) => process.exit(code),
  (error: unknown) => {
    printFailure(error, HELP);
    process.exit(2);
  },
);
